"""Packages of P2P software that managers add."""
