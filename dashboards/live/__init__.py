"""Keeps pages up to date: polling, deltas, shared answers, and state in the URL."""
