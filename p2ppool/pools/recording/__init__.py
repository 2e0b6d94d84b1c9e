"""Stores the findings of actions: crawls, samples, results and files."""
