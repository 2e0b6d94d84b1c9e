"""Pools: their definition, their rollout to hosts, and the records of them."""
