"""Whom mails are for when something happens in a group, and what they say."""
