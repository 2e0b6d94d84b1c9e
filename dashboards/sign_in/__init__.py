"""Signing in: who somebody is, the pages for that, and what keeps others from guessing it."""
