"""Keeps what actions found: crawls, samples, results and files."""
