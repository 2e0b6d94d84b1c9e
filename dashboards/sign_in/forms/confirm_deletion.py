"""Confirmation of deletions: the page names what would be deleted, and the same form is sent again."""

from dataclasses import dataclass
from typing import Final

from flask import request

from dashboards.sign_in.forms.rendering import field
from p2ppool.groups.membership.ending import GroupsGoError

_FIELD: Final = "agreed"
_BETWEEN: Final = ","  # not part of any group's name


@dataclass(frozen=True)
class Question:
    """A form that repeats the request, with the confirmation in it.

    Attributes:
        text: what would happen.
        path: where the form is sent.
        fields: what is sent.
        button: its label.
    """

    text: str
    path: str
    fields: dict[str, str]
    button: str


def question(error: GroupsGoError, step: str) -> Question:
    """Build the confirmation form from the one that was sent, which must not contain a password.

    Args:
        error: the groups that would be deleted.
        step: the requested step, as a button's label.
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
    """Return the form value that confirms the deletion of exactly these groups."""
    return _BETWEEN.join(names)


def confirmed() -> list[str]:
    """Return the groups whose deletion the sent form confirms."""
    return field(_FIELD).split(_BETWEEN)
