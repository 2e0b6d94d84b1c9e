"""The basis of every action's flow: its turn, its ending, its signals."""
