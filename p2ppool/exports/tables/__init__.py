"""The kinds of exports: each with its table and columns, declared as data."""
