"""Installs a pool's version on its hosts and its local node, and verifies it."""
