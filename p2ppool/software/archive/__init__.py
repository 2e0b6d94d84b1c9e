"""Reads and writes archives nobody vouches for, and stores them by digest."""
