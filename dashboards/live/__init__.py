"""Keeps pages fresh: polling, deltas, shared answers, and the state in the address."""
