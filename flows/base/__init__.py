"""What every action's flow is built on: its turn, its ending, its signals."""
