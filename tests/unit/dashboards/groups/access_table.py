"""What one has to be in a group for each of its pages: a row for every route.

Whoever adds one adds its row here, and says in the view (dashboards/groups/group_context.py) what it needs.
"""

from dashboards.groups.group_context import Part

_OF_BOTH = {
    "GET {}": Part.ANYBODY,
    "GET {}/new": Part.ANYBODY,
    "POST {}/new": Part.ANYBODY,
    "GET {}/<name>": Part.ANYBODY,
    "GET {}/<name>/join": Part.ANYBODY,
    "POST {}/<name>/join": Part.ANYBODY,
    "POST {}/<name>/requests": Part.ADMIN,
    "POST {}/<name>/members": Part.ADMIN,
    "GET {}/<name>/edit": Part.ADMIN,
    "POST {}/<name>/edit": Part.ADMIN,
    "POST {}/<name>/delete": Part.ADMIN,
    "GET {}/<name>/log": Part.ADMIN,
    "GET {}/<name>/terms/<int:version>": Part.ASKED,
}

GROUP_ROUTES = {
    **{route.format("/groups"): part for route, part in _OF_BOTH.items()},
    "GET /groups/<name>/config.zip": Part.MEMBER,
    "POST /groups/<name>/secret": Part.MEMBER,
    "POST /groups/<name>/network": Part.ADMIN,
    "POST /groups/<name>/certificates": Part.ADMIN,
    **{route.format("/appliances"): part for route, part in _OF_BOTH.items()},
    "POST /appliances/<name>/floppy": Part.MEMBER,
    "GET /requests": Part.ANYBODY,
    "POST /requests": Part.ANYBODY,
    "POST /requests/certificates": Part.ANYBODY,
    # Last, as a member is none afterwards.
    "POST /appliances/<name>/leave": Part.ANYBODY,
    "POST /groups/<name>/leave": Part.ANYBODY,
}
