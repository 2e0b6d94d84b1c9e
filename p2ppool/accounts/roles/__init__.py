"""Roles: what each role allows, what a user may do, and the roles of users on single pools."""
