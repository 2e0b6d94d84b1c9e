"""Hosts by the dozen: inventories, connections, the agent, the fan-out."""
