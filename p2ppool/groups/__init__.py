"""Groups of users on top of a pool: GroupVPN and GroupAppliance."""
