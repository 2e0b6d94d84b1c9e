"""Reads and writes untrusted archives, and stores them by digest."""
