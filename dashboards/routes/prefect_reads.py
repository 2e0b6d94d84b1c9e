"""What a viewer may ask of the Prefect server: a list of what only reads, and keeps no secrets."""

import re
from typing import Final

_API: Final = "api/"
_READING: Final = frozenset({"GET", "HEAD"})
_GET: Final = re.compile(
    r"(admin/(settings|version)|health|ready|version"
    r"|(artifacts|automations|collections|concurrency_limits|deployments|events|flow_run_states|flow_runs|flows"
    r"|saved_searches|task_run_states|task_runs|ui|v2/concurrency_limits|work_pools|work_queues)(/[^/]+)*/?)"
)
_POST: Final = re.compile(
    r"((artifacts|artifacts/latest|automations|concurrency_limits|deployments|events|flow_runs|flows|logs"
    r"|saved_searches|task_runs|v2/concurrency_limits|work_pools|work_pools/[^/]+/(queues|workers)|work_queues)"
    r"/(filter|count|paginate|history|lateness)"
    r"|events/count-by/[a-z:]+"
    r"|ui/(flow_runs/(history|count-task-runs)|flows/(count-deployments|next-runs)"
    r"|task_runs/(count|dashboard/counts)|schemas/validate))/?"
)


def only_reads(method: str, path: str) -> bool:
    """Tell whether a request below the Prefect UI's address changes nothing and reads no secret.

    Files of the UI itself are such; in the API only what is listed, because Prefect reads by POST, too.
    Blocks and variables are not: they may hold secrets.

    Args:
        method: of HTTP.
        path: below the UI's address, without a slash at the start.
    """
    if not path.startswith(_API):
        return method in _READING
    allowed = _GET if method in _READING else _POST if method == "POST" else None
    return allowed is not None and allowed.fullmatch(path.removeprefix(_API)) is not None
