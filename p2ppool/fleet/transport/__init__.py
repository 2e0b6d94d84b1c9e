"""Connections to hosts: over SSH, through jump hosts, or to the manager's own machine."""
