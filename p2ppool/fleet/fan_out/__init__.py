"""Runs one job on many hosts at the same time, with one outcome for each."""
