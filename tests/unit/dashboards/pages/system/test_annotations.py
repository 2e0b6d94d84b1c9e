"""Actions on an axis of time: none is lost, none is markup."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.figures.palette import LIGHT
from dashboards.pages.system.annotations import SYMBOLS, clusters, colour, hover, mark_lines, mark_trace
from p2ppool.reports.actions.annotations import Annotation, AnnotationKind
from p2ppool.store.models import TicketState

AT = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
EVIL = '<img src=x onerror="alert(1)"><b>'


def a_mark(minutes=0, **fields):
    at = AT + timedelta(minutes=minutes)
    values = {"ticket": 1, "at": at, "ended_at": at + timedelta(seconds=90), "kind": AnnotationKind.UPGRADE}
    words = {
        "action": "upgrade",
        "state": TicketState.DONE,
        "requester": "cli ada",
        "message": "on all 8 hosts",
    }
    return Annotation(**(values | words | fields))


@given(st.lists(st.integers(0, 24 * 60)).map(sorted), st.integers(1, 100))
def test_clusters_keep_every_mark_and_leave_room_between_signs(minutes, slots):
    annotations = [a_mark(minute) for minute in minutes]
    found = clusters(annotations, AT, AT + DAY, slots)
    assert [annotation for cluster in found for annotation in cluster] == annotations
    signs = [cluster[0].at for cluster in found]
    assert all(later - sooner >= DAY / slots for sooner, later in pairwise(signs))
    assert len(found) <= slots + 1


def test_a_thousand_marks_do_not_drown_the_plot():
    found = clusters([a_mark(minute) for minute in range(1000)], AT, AT + DAY)
    assert len(mark_lines(found, LIGHT)) <= 61
    trace = mark_trace(found, LIGHT, "y", AT + DAY, DAY / 60)
    assert len(trace["x"]) == len(found)
    assert "… and 18 more" in trace["hovertext"][0]


def test_the_hover_says_what_when_by_whom_and_how_it_ended():
    assert hover([a_mark()]) == (
        "<b>upgrade</b> 2026-03-01 00:00 by cli ada<br>   done in 2 min: on all 8 hosts"
    )
    assert hover([a_mark(state=TicketState.RUNNING, ended_at=None, message="")]).endswith("   running")


def test_what_others_wrote_is_no_markup():
    text = hover([a_mark(action=EVIL, requester=EVIL, message=EVIL)])
    assert "<img" not in text
    assert text.count("&lt;img") == 3


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([TicketState.DONE], LIGHT.consistent),
        ([TicketState.DONE, TicketState.FAILED], LIGHT.inconsistent),
        ([TicketState.PARTIAL], LIGHT.inconsistent),
        ([TicketState.CRASHED, TicketState.RUNNING], LIGHT.inconsistent),
        ([TicketState.RUNNING, TicketState.DONE], LIGHT.shortcut),
        ([TicketState.CANCELLED], LIGHT.left_over),
        ([TicketState.CANCELLED, TicketState.DONE], LIGHT.consistent),
    ],
)
def test_a_sign_has_the_colour_of_the_worst_in_it(states, expected):
    assert colour([a_mark(state=state) for state in states], LIGHT) == expected


def test_each_kind_has_a_shape_and_names_do_not_meet():
    assert set(SYMBOLS) == set(AnnotationKind)
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
    kinds = [a_mark(0), a_mark(60), a_mark(1200, kind=AnnotationKind.STOP)]
    found = clusters(kinds, AT, AT + DAY)
    trace = mark_trace(found, LIGHT, "y", AT + DAY, DAY / 60)
    assert [text.strip() for text in trace["text"]] == ["", "upgrade", "stop"]
    assert trace["textposition"][1:] == ["middle right", "middle right"]
    late = mark_trace([[a_mark(24 * 60 - 1)]], LIGHT, "y", AT + DAY, DAY / 60)
    assert late["textposition"] == ["middle left"]  # to the right there is no room
    assert trace["marker"]["symbol"] == ["triangle-up", "triangle-up", "x"]
