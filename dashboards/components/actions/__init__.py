"""The buttons of actions on a pool, their confirmation, and starting them in Prefect."""
