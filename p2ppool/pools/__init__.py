"""Pools: what they are, how they come to hosts, and what is recorded of them."""
