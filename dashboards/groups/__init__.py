"""The pages of groups: those of GroupVPN under `/groups`, those of GroupAppliance under `/appliances`.

The same views serve both; what only one kind has is in modules of its own.
"""
