"""The pages of groups: GroupVPN groups under `/groups`, GroupAppliance groups under `/appliances`.

The same views serve both kinds; what only one kind has is in modules of its own.
"""
