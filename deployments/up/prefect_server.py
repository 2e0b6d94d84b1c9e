"""Configuration of our Prefect server: everything in the data folder, no telemetry."""

import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Final

from deployments.up.paths import absolute_database
from p2ppool.settings import PREFECT_UI_PATH, Settings

_MARK: Final = "UI_SERVE_BASE"  # of prefect.server.api.server
_GO_TO_FIRST_INTERFACE: Final = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Prefect</title>'
    f'<meta http-equiv="refresh" content="0; url={PREFECT_UI_PATH}/dashboard">'
    f'<a href="{PREFECT_UI_PATH}/dashboard">The Prefect UI</a>\n'
)


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables for the Prefect server and all its clients; none of them is secret."""
    home = settings.data_folder / "prefect"
    return {
        "PREFECT_HOME": str(home),
        "TMPDIR": str(temporary_folder(settings)),  # where Prefect's runner leaves an empty folder
        "PREFECT_API_URL": f"{settings.prefect_url}/api",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": absolute_database(
            settings.prefect_database_url or f"sqlite+aiosqlite:///{home / 'prefect.db'}"
        ),
        # No telemetry, and no advertisement.
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        # Its UI is a part of our pages, which add the credential (dashboards/routes/prefect_ui.py).
        "PREFECT_SERVER_UI_SERVE_BASE": PREFECT_UI_PATH,
        # No page of another site may read or change anything.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": settings.prefect_url,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
        "PREFECT_UI_STATIC_DIRECTORY": str(_interface_folder(settings)),
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
        # A proxy for outside connections must not get local ones.
        "NO_PROXY": "127.0.0.1,localhost,::1",
        "no_proxy": "127.0.0.1,localhost,::1",
        # In seconds; the default of 10 would be most of a small action's time.
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        # In seconds. Changing a schedule in its UI removes the coming runs of all schedules of that flow,
        # until the scheduler's next pass; the default of 60 could lose some.
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "10",
        # In seconds: a server that hangs must not hold a process for six times the default of 60.
        "PREFECT_API_REQUEST_TIMEOUT": "10",
        # Results stay in memory: ours are in our own database.
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_CLI_COLORS": "false",
        "PREFECT_CLI_PROMPT": "false",
    }


def prepare(settings: Settings) -> None:
    """Create what the server needs before it starts.

    Its second UI contacts an analytics service whatever the settings are, and is served even if it is off: so
    a page of ours lies in the folder where Prefect would put it, with Prefect's marker of being up to date.
    """
    temporary_folder(settings).mkdir(exist_ok=True)
    for left in temporary_folder(settings).glob("pymp-*"):  # of processes that were killed
        shutil.rmtree(left, ignore_errors=True)
    second = _interface_folder(settings) / "v2"
    second.mkdir(parents=True, exist_ok=True)
    (second / "index.html").write_text(_GO_TO_FIRST_INTERFACE, encoding="utf-8")
    (second / _MARK).write_text(f"v2:{version('prefect')}:{PREFECT_UI_PATH}/v2", encoding="utf-8")


def _interface_folder(settings: Settings) -> Path:
    return settings.data_folder / "prefect" / "ui"


def temporary_folder(settings: Settings) -> Path:
    """Return the folder for temporary files, so that nothing is left outside the data folder."""
    return settings.data_folder / "tmp"


def command() -> list[str]:
    """Return the arguments that start the server, for this Python; it reads the rest from the settings."""
    return ["-m", "deployments.up.prefect_process"]
