"""The settings with their defaults."""

from pathlib import Path
from typing import Any

from p2ppool.documentation.markdown import table
from p2ppool.settings import Settings


def settings_table(_: str) -> str:
    """Build the table of all settings, in the order in which they are declared."""
    rows = [
        [f"`{Settings.variable(name)}`", _default(field.default), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return table(["variable", "default", "meaning"], rows)


def _default(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.as_posix() if isinstance(value, Path) else value}`"
