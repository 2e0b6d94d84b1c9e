"""Prefect over HTTP: runs, their states and logs, and the schedules of pools."""
