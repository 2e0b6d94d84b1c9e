"""Equivalents of an export: its URL, a curl command, and our own command."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Choice:
    """The chosen export; empty texts: no bound; no columns: all."""

    kind: str
    pool: str
    start: str
    end: str
    columns: Sequence[str]
    form: str

    @property
    def _parameters(self) -> dict[str, str]:
        named = {"pool": self.pool, "from": self.start, "to": self.end, "columns": ",".join(self.columns)}
        return {name: value for name, value in named.items() if value}

    @property
    def path(self) -> str:
        """Path and query of its URL on this server."""
        return f"/export/{self.kind}.{self.form}?{urlencode(self._parameters, safe=':,')}"

    def curl(self, base: str, file: str) -> str:
        """Build a curl command, with a token from its environment; `base` is the server's URL without a
        slash.
        """
        parts = [
            "curl --fail --get",
            shlex.quote(f"{base}/export/{self.kind}.{self.form}"),
            '-H "Authorization: Bearer $TOKEN"',
            *(f"-d {shlex.quote(f'{name}={value}')}" for name, value in self._parameters.items()),
            f"-o {shlex.quote(file)}",
        ]
        return " \\\n  ".join(parts)

    def command(self, file: str) -> str:
        """Build the command of our command line."""
        options = [f"--{name} {shlex.quote(value)}" for name, value in self._parameters.items()]
        form = [] if self.form == "csv" else [f"--format {self.form}"]
        return " \\\n  ".join([f"p2ppool export {self.kind}", *options, *form, f"-o {shlex.quote(file)}"])
