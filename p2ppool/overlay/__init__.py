"""The overlay as its manager sees it, through the local node.

Read it from `wire` (XML-RPC that trusts nobody), `gateway` (the local node's methods) and `answer` (what
a node says, checked) up to `consistency`, `crawler` (the walk) and `snapshot` (what it found).
"""
