"""What one has to be in a group for each of its pages: a row for every route.

Whoever adds one adds its row here, and says in the view (dashboards/groups/group_context.py) what it needs.
"""

from dashboards.groups.group_context import GroupRole

_OF_BOTH = {
    "GET {}": GroupRole.ANYBODY,
    "GET {}/new": GroupRole.ANYBODY,
    "POST {}/new": GroupRole.ANYBODY,
    "GET {}/<name>": GroupRole.ANYBODY,
    "GET {}/<name>/join": GroupRole.ANYBODY,
    "POST {}/<name>/join": GroupRole.ANYBODY,
    "POST {}/<name>/requests": GroupRole.ADMIN,
    "POST {}/<name>/members": GroupRole.ADMIN,
    "GET {}/<name>/edit": GroupRole.ADMIN,
    "POST {}/<name>/edit": GroupRole.ADMIN,
    "POST {}/<name>/delete": GroupRole.ADMIN,
    "GET {}/<name>/log": GroupRole.ADMIN,
    "GET {}/<name>/terms/<int:version>": GroupRole.APPLICANT,
}

GROUP_ROUTES = {
    **{route.format("/groups"): part for route, part in _OF_BOTH.items()},
    "GET /groups/<name>/config.zip": GroupRole.MEMBER,
    "POST /groups/<name>/secret": GroupRole.MEMBER,
    "POST /groups/<name>/network": GroupRole.ADMIN,
    "POST /groups/<name>/certificates": GroupRole.ADMIN,
    **{route.format("/appliances"): part for route, part in _OF_BOTH.items()},
    "POST /appliances/<name>/floppy": GroupRole.MEMBER,
    "GET /requests": GroupRole.ANYBODY,
    "POST /requests": GroupRole.ANYBODY,
    "POST /requests/certificates": GroupRole.ANYBODY,
    # Last, as a member is none afterwards.
    "POST /appliances/<name>/leave": GroupRole.ANYBODY,
    "POST /groups/<name>/leave": GroupRole.ANYBODY,
}
