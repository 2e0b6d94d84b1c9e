"""Starts an action, follows it to its end, and shows the queue."""
