"""The web server: pages about the database's content. It imports p2ppool and nothing above it."""
