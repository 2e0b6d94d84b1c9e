"""Who may have what: a row for every route, and for every callback that a person sets off with a click.

What a route or callback needs is a role in the whole installation (`Need`), or one on the pool that it is
about (`PoolRole`), as which one of the whole installation counts, too.

Whoever adds one adds its row here, and says in the code (dashboards/web/access.py) what it needs.
"""

from dataclasses import dataclass

from dashboards.web.access import Need
from p2ppool.store.models import PoolRole, Role
from tests.unit.dashboards.groups.access_table import GROUP_ROUTES

ALL_POOLS = "all pools"
"""What is for those who may look at all pools."""


@dataclass(frozen=True)
class Person:
    """Somebody's role in the whole installation, on the pool `demo` that is asked for, and on another one."""

    role: Role | None = None
    here: PoolRole | None = None
    elsewhere: PoolRole | None = None

    @property
    def on_pool(self):
        """What they are on the pool: the higher of two."""
        everywhere = {Role.MANAGER: PoolRole.MANAGER, Role.VIEWER: PoolRole.VIEWER}.get(self.role)
        own = {everywhere, self.here}
        return next((role for role in reversed(PoolRole) if role in own), None)

    def may(self, need):
        """Tell whether they get an answer where that is needed."""
        if need == ALL_POOLS:
            return self.role in {Role.MANAGER, Role.VIEWER}
        if isinstance(need, PoolRole):
            return self.on_pool is not None and self.on_pool.includes(need)
        level = {None: Need.NOTHING, Role.MANAGER: Need.MANAGER}.get(self.role, Need.USER)
        return level >= need


PEOPLE = {
    "anonymous": Person(),
    "viewer": Person(Role.VIEWER),
    "manager": Person(Role.MANAGER),
    "member": Person(Role.MEMBER),
    **{f"{role}-here": Person(Role.MEMBER, role) for role in PoolRole},
    "manager-elsewhere": Person(Role.MEMBER, elsewhere=PoolRole.MANAGER),
    "viewer-here-manager-elsewhere": Person(Role.MEMBER, PoolRole.VIEWER, PoolRole.MANAGER),
    "operator-who-sees-all": Person(Role.VIEWER, PoolRole.OPERATOR),
    "manager-who-sees-all": Person(Role.VIEWER, PoolRole.MANAGER),
    "viewer-and-manager-elsewhere": Person(Role.VIEWER, elsewhere=PoolRole.MANAGER),
}

ROUTES = {
    "GET /healthz": Need.NOTHING,
    "GET /assets/<path:filename>": Need.NOTHING,
    "GET /_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Need.NOTHING,
    "GET /_favicon.ico": Need.NOTHING,
    "GET /sign-in": Need.NOTHING,
    "POST /sign-in": Need.NOTHING,
    "POST /sign-out": Need.NOTHING,
    "GET /sign-in/openid": Need.NOTHING,
    "GET /sign-in/openid/done": Need.NOTHING,
    "GET /welcome": Need.NOTHING,
    "POST /welcome": Need.NOTHING,
    "GET /password": Need.NOTHING,
    "POST /password": Need.NOTHING,
    "GET /enter": Need.NOTHING,
    "POST /enter": Need.NOTHING,
    "POST /components/com_groupvpn/mono/GroupVPN.rem": Need.NOTHING,
    "GET /components/com_groupvpn/data/<name>/revocation_list": Need.NOTHING,
    "GET /register": Need.NOTHING,
    "POST /register": Need.NOTHING,
    "GET /confirm": Need.NOTHING,
    "POST /confirm": Need.NOTHING,
    "GET /forgotten": Need.NOTHING,
    "POST /forgotten": Need.NOTHING,
    "GET /": Need.VIEWER,
    "GET /<path:path>": Need.VIEWER,
    "GET /_dash-layout": Need.VIEWER,
    "GET /_dash-dependencies": Need.VIEWER,
    "POST /_dash-update-component": Need.VIEWER,
    "GET /_reload-hash": Need.VIEWER,
    "GET /pools/<pool>/node.config": PoolRole.VIEWER,
    "GET /pools/<pool>/ring/frame": PoolRole.VIEWER,
    "GET /export/<file>": PoolRole.VIEWER,
    "GET /account": Need.USER,
    "POST /account/password": Need.USER,
    "POST /account/sign-out-everywhere": Need.USER,
    "POST /account/sessions/<number>/end": Need.USER,
    "GET /sign-in/second": Need.NOTHING,
    "POST /sign-in/second": Need.NOTHING,
    "GET /prove": Need.USER,
    "POST /prove": Need.USER,
    "GET /account/second-factor": Need.USER,
    "POST /account/second-factor/app": Need.USER,
    "POST /account/second-factor/passkeys": Need.USER,
    "POST /account/second-factor/passkeys/<int:number>/remove": Need.USER,
    "POST /account/second-factor/codes": Need.USER,
    "POST /account/second-factor/off": Need.USER,
    "POST /account/remove": Need.USER,
    "POST /account/tokens": Need.USER,
    "POST /account/tokens/<int:number>/revoke": Need.USER,
    **dict.fromkeys(GROUP_ROUTES, Need.USER),  # and more in the group itself: see there
    "GET /pools/<pool>/files/<name>": PoolRole.OPERATOR,
    "GET /pools/<pool>/upgrade": Need.MANAGER,
    "GET /prefect/": ALL_POOLS,  # and of its API what only reads: tests/unit/dashboards/routes
    "GET /prefect/<path:path>": ALL_POOLS,
    **{
        f"{method} /prefect/{path}": Need.MANAGER
        for method in ("POST", "PUT", "PATCH", "DELETE")
        for path in ("", "<path:path>")
    },
    "POST /uploads/packages": Need.MANAGER,
    "POST /uploads/keys": Need.MANAGER,
    "GET /audit": Need.MANAGER,
    "GET /users": Need.MANAGER,
    "POST /users": Need.MANAGER,
    "POST /users/<name>/link": Need.MANAGER,
    "POST /users/<name>/role": Need.MANAGER,
    "POST /users/<name>/second-factor": Need.MANAGER,
    "POST /users/<name>/active": Need.MANAGER,
    "POST /users/<name>/remove": Need.MANAGER,
    "POST /users/waiting/<int:number>/accept": Need.MANAGER,
    "POST /users/waiting/<int:number>/deny": Need.MANAGER,
}

OPENED_BY_TOKEN = {"GET /pools/<pool>/node.config": "view", "GET /export/<file>": "export"}
"""Routes for programs, with the scope that their API token must have."""

CALLBACKS = {
    "asking-told.children": PoolRole.OPERATOR,
    "new-pool-name-problem.children": Need.MANAGER,
    "new-pool-found.children": Need.MANAGER,
    "new-pool-waiting.data": Need.MANAGER,
    "pool-edit-told.children": PoolRole.MANAGER,
    "pool-people-told.children": PoolRole.MANAGER,
    "pool-history.children": Need.VIEWER,
    "activity-told.children": PoolRole.OPERATOR,
    "new-pool-go.href": Need.MANAGER,
    "nodes-snapshot.data": Need.VIEWER,
    "nodes-given.data": Need.VIEWER,
    "nodes-told.children": Need.VIEWER,  # one's own view
    "nodes-default-told.children": PoolRole.MANAGER,
    "ring-node.data": Need.VIEWER,
    "system-period-from.value": Need.VIEWER,
    "system-csv-file.data": Need.VIEWER,
    "world-view.data": Need.VIEWER,
    "world-csv-file.data": Need.VIEWER,
    "export-columns.options": Need.VIEWER,
}
"""By their first output: those whose inputs are clicks and the like, and whatever else acts."""
