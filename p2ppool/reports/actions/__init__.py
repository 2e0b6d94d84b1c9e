"""Reads actions: what runs, waits and has ended, and what is left to retry."""
