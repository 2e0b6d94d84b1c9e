"""Settings that name files, made independent of the current folder: children run in another one."""

from pathlib import Path

from sqlalchemy import make_url

from p2ppool.settings import Settings

_DATABASES = ("database_url", "prefect_database_url")


def absolute_paths(config: Settings) -> dict[str, str]:
    """Return the variables of all settings that name a file or folder, with absolute paths."""
    values = {name: getattr(config, name) for name in Settings.model_fields}
    found = {name: str(value.absolute()) for name, value in values.items() if isinstance(value, Path)}
    found |= {name: absolute_database(values[name]) for name in _DATABASES if values[name]}
    return {Settings.variable(name): value for name, value in found.items()}


def absolute_database(url: str) -> str:
    """Return the URL of the same database for any current folder: an SQLite file's path may be relative."""
    parsed = make_url(url)
    file = parsed.database
    if parsed.get_backend_name() != "sqlite" or not file or file.startswith((":", "file:")):
        return url
    path = str(Path(file).absolute())
    return parsed.set(database=path).render_as_string(hide_password=False)
