"""The spec of a new pool; it has the same fields in the CLI, the Prefect UI and the pages."""

from collections.abc import Mapping
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from p2ppool.errors import UserError, one_line
from p2ppool.fleet.inventory.hosts_file import HostsFormat

Model = TypeVar("Model", bound=BaseModel)
FORMER_INSTALL_PATH = "/tmp/p2p"  # noqa: S108 - the default of earlier releases, whose pools keep it
HOSTS_FILE_CHARACTERS = 2_000_000
PACKAGE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(@[A-Za-z0-9][A-Za-z0-9._-]{0,63})?$"


def _tidy_install_path(path: str) -> str:
    """Normalise a path so that it is safe to create and delete on a host: below some folder, with no `..`."""
    if not path:
        return path
    relative = path.removeprefix("~/")
    if any(part in {".", ".."} for part in relative.split("/")):
        raise ValueError("has a part that is . or ..")
    tidy = relative.rstrip("/")
    if not tidy:
        raise ValueError("is the root or the home folder itself: name a folder below it")
    return tidy


def default_install_path(name: str) -> str:
    """Return where a pool of that name is installed by default: in the user's home, which nothing cleans."""
    return f".p2ppool/{name}"


Port = Annotated[int, Field(ge=1, le=65535)]
PoolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
InstallPath = Annotated[
    str,
    Field(pattern=r"^((~/|/)?[A-Za-z0-9_.@+-]+(/[A-Za-z0-9_.@+-]+)*/?)?$", max_length=200),
    AfterValidator(_tidy_install_path),
]

# Shown instead of a regular expression.
_SHAPES = {
    "name": "1 to 32 letters, digits, - and _, the first a letter or digit",
    "namespace": "1 to 64 letters, digits, . - and _",
    "install_path": "a path of letters, digits and _.@+-, such as /srv/p2p, or p2p in the user's home",
    "ssh_user": "the name of a user on the hosts",
    "package": "NAME or NAME@VERSION of an added package",
    "ssh_key": "the NAME of an added key",
}

_NOT_WHOLE = frozenset({"int_parsing", "int_type", "int_from_float"})
_WHOLE = "wanted: a whole number"


class PoolSpec(BaseModel):
    """A pool as its manager describes it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: PoolName = Field(description="One word that names the pool")
    hosts: str = Field(
        max_length=HOSTS_FILE_CHARACTERS,
        description="The hosts file: one `host` or `host:port` a line, `#` comments; or CSV, an Ansible "
        "inventory, an ssh_config",
    )
    hosts_format: HostsFormat | None = Field(
        None, description="Form of the hosts file; empty: recognised from what is in it"
    )
    package: str = Field(
        pattern=PACKAGE_PATTERN,
        description="Package of P2P software that was added: NAME (the latest) or NAME@VERSION",
    )
    ssh_key: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Name of an SSH key that was added"
    )
    ssh_user: str = Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,31}$", description="User to log in as on every host"
    )
    ssh_port: Port = Field(22, description="SSH port of the hosts that name none")
    install_path: InstallPath = Field(
        "",
        description="Folder on the hosts; without a leading / it is in the user's home; "
        "empty: .p2ppool/NAME there",
    )
    namespace: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.-]{1,64}$",
        description="Namespace of the overlay; empty: the pool's name",
    )
    udp_port: Port | None = Field(
        None, description="UDP port of the nodes; empty: off, or a free one where TCP is off too"
    )
    tcp_port: Port | None = Field(None, description="TCP port of the nodes; empty: off")
    rpc_port: Port | None = Field(
        None, description="Port of the local node's XML-RPC on this machine; empty: a free one"
    )
    nodes_per_process: int = Field(1, ge=1, le=100, description="Overlay nodes in each host's process")
    bundle_runtime: bool = Field(
        False,  # noqa: FBT003 - a field's default
        description="Static runtime bundle: hosts need no mono, as they get the one that was added "
        "by `p2ppool runtime add mono`",
    )
    adapt_package: bool = Field(
        True,  # noqa: FBT003 - a field's default
        description="Adapt files of the package in bundles where the Linux of today needs it "
        "(`p2ppool package show`)",
    )
    description: str = Field("", max_length=2000, description="What the pool is for")
    is_default: bool = Field(default=False, description="The pool that groups and pages begin with")
    is_test: bool = Field(default=False, description="A test pool is left out of scheduled checks")
    failure_limit: int = Field(
        50, ge=0, le=100, description="Percent of the hosts that an upgrade may fail on"
    )

    @model_validator(mode="after")
    def _fill_in_what_the_name_gives(self) -> Self:
        self.namespace = self.namespace or self.name
        self.install_path = self.install_path or default_install_path(self.name)
        return self


def read_spec(**fields: object) -> PoolSpec:
    """Build the spec from these fields.

    Raises:
        UserError: for the first invalid field, by the name of its option.
    """
    return validated(PoolSpec, fields)


def validated(model: type[Model], fields: dict[str, object]) -> Model:
    """Validate a manager's input with the model.

    Raises:
        UserError: for the first invalid field, by the name of its option.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise UserError(explain(error)) from None


def explain(error: ValidationError) -> str:
    """Return the first problem, as one line for people."""
    return next(iter(problems_in(error).values()))


def problems(model: type[BaseModel], fields: Mapping[str, object]) -> dict[str, str]:
    """Return the problem of each invalid field, as one line; empty if all are valid."""
    try:
        model.model_validate(dict(fields))
    except ValidationError as error:
        return problems_in(error)
    return {}


def problems_in(error: ValidationError) -> dict[str, str]:
    """Return the first problem of each field, as one line for people."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False):
        field = str(one["loc"][0]) if one["loc"] else "pool"
        text = _WHOLE if one["type"] in _NOT_WHOLE else one["msg"]
        found.setdefault(field, _message(field, text, one["input"]))
    return found


def _message(field: str, message: str, given: object) -> str:
    if field == "hosts":
        return f"hosts file: {one_line(message)}"
    shape = _SHAPES.get(field)
    label = field.replace("_", " ").replace("ssh", "SSH").replace("rpc", "RPC")
    wanted = f"wanted: {shape}" if shape else one_line(message)
    return f"{label} {one_line(given, 60)!r} can't be used; {wanted}"
