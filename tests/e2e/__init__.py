"""Whole managers on real hosts."""
