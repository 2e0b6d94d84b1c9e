"""Reads actions: those that run, wait or have ended, and what is left to retry."""
