"""Every setting of P2PPool Manager, in one place.

Each is an environment variable `P2PPOOL_<NAME>`; `p2ppool settings` prints them with what they are now.
Times are in seconds and sizes in bytes.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from p2ppool.errors import UserError, one_line
from p2ppool.user_settings import UserSettings
from p2ppool.web_settings import WebSettings

MIB = 1024 * 1024
PREFECT_UI_PATH = "/prefect"
"""The path of the Prefect UI below the pages' address."""


class Settings(UserSettings, WebSettings):
    """The settings; the descriptions are the documentation."""

    model_config = SettingsConfigDict(
        env_prefix="P2PPOOL_", env_ignore_empty=True, extra="ignore", validate_default=True
    )

    data_folder: Path = Field(
        Path("~/.local/share/p2ppool"),
        description="Where everything is kept: database, packages, the vault's key, Prefect's files, logs",
    )
    database_url: str = Field(
        "",
        description="SQLAlchemy URL of the database; empty: SQLite in the data folder. "
        "PostgreSQL: postgresql+psycopg://USER:PASSWORD@HOST/NAME",
    )
    vault_key: SecretStr | None = Field(
        None,
        description="Key that encrypts secrets at rest (32 bytes in URL-safe base64); "
        "unset: the file vault.key in the data folder, made at first use",
    )

    listen_address: str = Field(
        "127.0.0.1",
        description="Address on which the pages listen; loopback unless you mean it",
    )
    prefect_listen_address: str = Field(
        "127.0.0.1",
        description="Address on which the Prefect server listens. It wants a credential but does no TLS, so "
        "leave it on loopback; its UI is a part of the pages",
    )
    web_port: int = Field(8050, ge=1, le=65535, description="Port of the pages")
    prefect_port: int = Field(4200, ge=1, le=65535, description="Port of the Prefect server")
    public_url: str = Field(
        "",
        description="Address of the pages as browsers know it, such as https://pools.example.org behind a "
        "proxy that does TLS; empty: https or http, listen address and port",
    )
    trusted_proxy: str = Field(
        "",
        description="Address of the proxy whose X-Forwarded-For and X-Forwarded-Proto headers are believed",
    )
    web_certificate: Path | None = Field(
        None,
        description="File with the certificate (PEM or DER) that browsers see at the pages' https address; "
        "it goes into configs of GroupVPNs, whose machines then take no other. Unset: none goes there",
    )
    open_to_viewers: bool = Field(
        False,  # noqa: FBT003 - a field's default
        description="Whether whoever reaches the pages may look without signing in; "
        "acting always needs a manager",
    )
    session_idle: int = Field(
        43_200, ge=60, description="How long a session lasts in which nobody clicks or opens a page"
    )
    session_longest: int = Field(604_800, ge=60, description="How long a session lasts at most")
    prefect_database_url: str = Field(
        "", description="Database of the Prefect server (its own URL form); empty: SQLite in the data folder"
    )

    geo_database: Path | None = Field(
        None,
        description="A database in MaxMind's format (.mmdb) that says where IP addresses are, for the map; "
        "unset: only their countries are known, with the extra geo",
    )

    audit_sink: str = Field(
        "",
        description="Where entries of the audit go beside the database: syslog, or a file that gets a line "
        "of JSON for each; empty: nowhere",
    )

    flow_processes: int = Field(
        16, ge=1, description="Actions that may run at the same time, each in a process"
    )
    turn_lease: float = Field(
        15.0,
        ge=4,
        description="How long an action may say nothing until it counts as crashed and the next has its turn",
    )

    crawl_every: int = Field(
        1800, ge=0, description="How often a new pool's schedule crawls it; 0: it gets no such schedule"
    )
    check_every: int = Field(
        86_400, ge=0, description="How often a new pool's schedule checks it; 0: it gets no such schedule"
    )
    uninstall_check_every: int = Field(
        86_400,
        ge=0,
        description="How often what a stop could not uninstall is tried again; 0: only when it is asked for",
    )

    ssh_workers: int = Field(32, ge=1, le=256, description="Hosts that are worked on at the same time")
    ssh_connecting: int = Field(
        512, ge=1, le=4096, description="Connections that may be opening at the same time"
    )
    ssh_connect_timeout: float = Field(
        10.0, gt=0, description="How long a host may take to accept a connection"
    )
    ssh_banner_timeout: float = Field(
        10.0, gt=0, description="How long it may then take to say that it speaks SSH"
    )
    ssh_auth_timeout: float = Field(
        10.0, gt=0, description="How long the key exchange and the login may each take"
    )
    ssh_step_timeout: float = Field(60.0, gt=0, description="How long a host may be silent during a step")
    ssh_host_deadline: float = Field(600.0, gt=0, description="How long one host may take in all")

    crawl_workers: int = Field(
        16, ge=1, le=64, description="Calls that a crawl has under way at the same time"
    )
    crawl_timeout: float = Field(
        3.0, gt=0, description="How long a node may take to answer in a crawl's first round"
    )
    crawl_last_round_timeout: float = Field(
        3.0, gt=0, description="How long a silent node may take when it is asked once more at the end"
    )
    crawl_deadline: float = Field(
        300.0, gt=0, description="After this long a crawl keeps what it has and ends"
    )
    crawl_max_nodes: int = Field(
        20_000, ge=1, description="Addresses after which a crawl asks for no further ones"
    )

    overlay_patience: float = Field(
        60.0, gt=0, description="How long an upgrade waits for the overlay to be whole again after a stage"
    )

    gather_max_bytes: int = Field(
        2048 * MIB, ge=MIB, description="Most that is gathered in one run, of all hosts, unpacked"
    )
    gather_host_max_bytes: int = Field(
        128 * MIB, ge=1, description="Most that is gathered from one host, unpacked"
    )
    gather_file_max_bytes: int = Field(
        64 * MIB,
        ge=1,
        description="Most that is gathered of one file: of a longer log comes the end, of results none",
    )

    keep_all_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="For how many days samples of nodes are kept of every crawl, after them of one an hour; "
        "0: for ever",
    )
    keep_hourly_days: int = Field(
        365,
        ge=0,
        le=36_500,
        description="After how many days they are kept of one crawl a day, where not all are for ever",
    )
    exports_kept: int = Field(
        20, ge=1, description="Files that the flow export-csv keeps of each pool; then the oldest go"
    )

    package_max_bytes: int = Field(
        256 * MIB, ge=1, description="Largest zip of P2P software that is accepted"
    )
    package_max_unpacked_bytes: int = Field(1024 * MIB, ge=1, description="Largest sum of its unpacked files")
    package_max_members: int = Field(10_000, ge=1, description="Largest number of files in it")

    local_node_address: str = Field(
        "0.0.0.0",  # noqa: S104 - the overlay's nodes must be able to reach the local node
        description="Address on which the local node speaks to the overlay. The reference node's XML-RPC is "
        "on loopback in any case, Brunet's on every address: `p2ppool doctor` prints what closes it",
    )

    local_node_confinement: Literal["required", "off"] = Field(
        "required",
        description="Whether packages are confined on this machine, as local nodes and as nodes of the "
        "host `manager`. required: where that can't be done, no pool can be created; off: they run with all "
        "rights of this user, and can read every secret",
    )
    local_node_memory: int = Field(
        1024 * MIB,
        ge=64 * MIB,
        description="Memory that each process of a confined node may write to, or all its processes "
        "together in a control group",
    )
    local_node_tasks: int = Field(
        256,
        ge=16,
        description="Processes and threads of a confined node; without a control group they are counted "
        "with all others of this user at the time of its start, and root's are not limited",
    )
    local_node_group: Path | None = Field(
        None,
        description="A control group (version 2) that this user may write to, such as one that systemd "
        "delegates, with the controllers memory and pids for its children; each confined node gets a group "
        "of its own in it. Unset: the limits are those of processes",
    )
    local_node_readable: str = Field(
        "",
        description="Folders that confined nodes may read besides the system's, separated by colons, "
        "such as /opt/mono",
    )

    demo_first_address: str = Field("127.77.0.1", description="Loopback address of the demo's first SSH host")
    demo_ssh_port: int = Field(22077, ge=1, le=65535, description="Port of the demo's SSH hosts")

    @field_validator("data_folder")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        return folder.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url:
            return url
        try:
            backend = make_url(url).get_backend_name()
        except ArgumentError as error:
            message = "is no database URL (postgresql+psycopg://USER:PASSWORD@HOST/NAME)"
            raise ValueError(message) from error
        if backend not in {"sqlite", "postgresql"}:
            message = f"{backend} is not supported: sqlite or postgresql"
            raise ValueError(message)
        if backend == "postgresql" and make_url(url).get_driver_name() != "psycopg":
            message = "the only driver is psycopg: postgresql+psycopg://USER:PASSWORD@HOST/NAME"
            raise ValueError(message)
        if backend == "postgresql" and find_spec(make_url(url).get_driver_name()) is None:
            message = "needs what is not installed: pip install 'p2ppool[postgres]'"
            raise ValueError(message)
        return url

    @field_validator("audit_sink")
    @classmethod
    def _absolute_file(cls, sink: str) -> str:
        if sink and sink != "syslog" and not Path(sink).is_absolute():
            message = "is neither syslog nor the whole path of a file"
            raise ValueError(message)
        return sink

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/")):
            message = "is no address of a site, such as https://pools.example.org (a path is not supported)"
            raise ValueError(message)
        return url.rstrip("/")

    @property
    def store_url(self) -> str:
        """The SQLAlchemy URL of the database in use."""
        return self.database_url or f"sqlite:///{self.data_folder / 'p2ppool.db'}"

    @property
    def prefect_url(self) -> str:
        """Base URL of the Prefect server, for programs on this machine; its API is below /api."""
        return f"http://{_reachable(self.prefect_listen_address)}:{self.prefect_port}"

    @property
    def web_url(self) -> str:
        """URL of the pages, for browsers."""
        return self.public_url or self.local_web_url

    @property
    def local_web_url(self) -> str:
        """URL of the pages on this machine, without a proxy in between."""
        scheme = "http" if self.tls_certificate is None else "https"
        return f"{scheme}://{_reachable(self.listen_address)}:{self.web_port}"

    @property
    def prefect_ui_url(self) -> str:
        """URL of the Prefect UI, for browsers: a part of the pages, behind their sign-in."""
        return f"{self.web_url}{PREFECT_UI_PATH}"

    @classmethod
    def variable(cls, name: str) -> str:
        """Return the environment variable of the setting `name`."""
        return f"P2PPOOL_{name.upper()}"


def _reachable(address: str) -> str:
    """Return the address at which this machine's browsers reach a server listening on it."""
    wildcard = address in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    return "127.0.0.1" if wildcard else address


@cache
def settings() -> Settings:
    """Read the settings from the environment, once per process.

    Raises:
        UserError: a variable with an invalid value, by its name.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = Settings.variable(str(first["loc"][0])) if first["loc"] else "P2PPOOL_*"
        raise UserError(f"{name}: {one_line(first['msg'])}; see `p2ppool settings`") from None
