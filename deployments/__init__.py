"""Served flows, and starting all services."""
