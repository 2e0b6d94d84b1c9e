"""P2P software: packages, runtimes, and the bundles made of them."""
