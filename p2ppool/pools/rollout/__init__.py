"""Brings a pool's version to its hosts and its local node, and verifies it."""
