"""Actions on pools: the catalogue, the rules of turns, tickets, turns and leases."""
