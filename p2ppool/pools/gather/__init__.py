"""Collects files of many hosts in one zip."""
