"""Many hosts at once: inventories, connections, the agent, and the fan-out."""
