"""The parts of docs/ that are generated: commands, settings, error kinds, columns and the tables of turns.

`python -m p2ppool.documentation` (or `scripts/document`) rewrites them; a test compares them with the code.
"""
