"""Brings files of many hosts into one zip."""
