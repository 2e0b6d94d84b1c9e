"""Asking back: what would be deleted is named, and whoever agrees sends the same form once more."""

from dataclasses import dataclass
from typing import Final

from flask import request

from dashboards.sign_in.forms.rendering import field
from p2ppool.groups.membership.ending import GroupsGoError

_FIELD: Final = "agreed"
_BETWEEN: Final = ","  # which no name of a group has in it


@dataclass(frozen=True)
class Question:
    """A form that does what was asked for, as it is agreed to.

    Attributes:
        words: what would happen.
        path: where the form goes.
        fields: what is sent.
        button: what it says.
    """

    words: str
    path: str
    fields: dict[str, str]
    button: str


def question(error: GroupsGoError, step: str) -> Question:
    """The form that was sent, with the agreement to what stood in its way. It must hold no password.

    Args:
        error: what stood there.
        step: what was asked for, as a button says it.
    """
    fields = {name: value for name, value in request.form.items() if name != "csrf_token"}
    is_one = len(error.names) == 1
    return Question(
        f"{step}? That deletes {' and '.join(error.names)} for all members, as nobody else is admin there. "
        f"To keep {'it' if is_one else 'them'}, make somebody else an admin there first.",
        request.path,
        fields | {_FIELD: agreement(error.names)},
        f"{step}, and delete {'it' if is_one else 'them'}",
    )


def agreement(names: list[str]) -> str:
    """What a form sends that agrees to what it says of these groups."""
    return _BETWEEN.join(names)


def confirmed() -> list[str]:
    """The groups that the form that was sent agrees to delete."""
    return field(_FIELD).split(_BETWEEN)
