"""The web server: pages on what the database holds. It imports p2ppool and nothing above it."""
