"""Memberships of groups: the steps, the rules, and what ends with them."""
