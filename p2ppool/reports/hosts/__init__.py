"""Reads hosts: their last results, measurements and machine facts."""
