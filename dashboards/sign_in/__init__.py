"""Signing in: sessions, the pages around them, and protection against guessing."""
