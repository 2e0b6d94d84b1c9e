"""The page of a pool over time: what its address, its choices and a zoom mean."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from dashboards.pages.system import actions, options, plot, system_page, table
from dashboards.pages.system.data import SystemView, shown, window
from dashboards.pages.system.texts import describe_other, describe_points, summary
from p2ppool.reports.actions.annotations import AnnotationKind
from p2ppool.reports.period import Period
from p2ppool.store.models import TicketState
from tests.lab.past.history import a_bare_pool, a_crawl, a_ticket, change_ticket
from tests.lab.past.weeks import a_past, crawls_at
from tests.unit.dashboards.trees import components, texts

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAST = {"period": "crawls", "from": None, "to": None}
MARCH = {"period": None, "from": "2026-03-01T00:00", "to": "2026-04-01T00:00"}
ALONE = SystemView(None, tuple(AnnotationKind))
EVIL = "<script>alert(1)</script>"


def hours(number):
    return [START + HOUR * place for place in range(number)]


def test_the_address_names_the_other_pool_and_the_kinds(engine, request_context):
    a_bare_pool(engine)
    a_bare_pool(engine, "planet")
    view = SystemView.of("demo", {"compare": "planet", "marks": "stop,upgrade"})
    assert view == SystemView("planet", (AnnotationKind.UPGRADE, AnnotationKind.STOP))
    assert view.query() == {"compare": "planet", "marks": "upgrade,stop"}
    assert SystemView.of("demo", view.query()) == view
    assert SystemView.of("demo", {"marks": "none"}).kinds == ()
    for strange in ({}, {"compare": EVIL}, {"compare": "demo"}, {"compare": None, "marks": ""}):
        assert SystemView.of("demo", strange) == ALONE
    assert ALONE.query() == {"compare": None, "marks": None}
    assert options._choose("planet", [], "demo") == {"compare": "planet", "marks": "none"}


def test_the_last_twenty_crawls_by_default(engine, request_context):
    a_bare_pool(engine)
    crawls_at(engine, "demo", hours(30), answered=list(range(30)))
    assert window("demo", LAST) == Period(START + 10 * HOUR)
    found = shown("demo", LAST, ALONE)
    assert found.series.points["answered"].tolist() == list(range(10, 30))
    assert (found.start, found.end) == (START + 10 * HOUR, START + 29 * HOUR)
    assert describe_points(found) == (
        "20 crawls, 2026-03-01 10:00 to 2026-03-02 05:00 UTC. Each point is one crawl."
    )


def test_a_chosen_period_is_drawn_whole(engine, request_context):
    a_bare_pool(engine)
    crawls_at(engine, "demo", hours(3))
    found = shown("demo", MARCH, ALONE)
    assert (found.start, found.end) == (START, datetime(2026, 4, 1, tzinfo=UTC))
    assert shown("demo", MARCH | {"from": "2026-03-02T00:00"}, ALONE) is None


def test_another_pool_is_aligned_by_time(engine, request_context):
    for name in ("demo", "planet"):
        a_bare_pool(engine, name)
    crawls_at(engine, "demo", hours(30))
    crawls_at(engine, "planet", [START, START + 12 * HOUR, START + 20 * HOUR], answered=[1, 2, 3])
    found = shown("demo", LAST, SystemView("planet", ()))
    assert found.other.points["answered"].tolist() == [2, 3]
    assert describe_other(found) == "planet: 2 crawls"
    assert summary(found).startswith("demo and planet over time. 20 crawls")


def test_a_new_crawl_is_seen_and_what_was_seen_is_kept(engine, request_context):
    a_past(engine, hosts=3, days=1)
    before = shown("demo", LAST, ALONE)
    assert shown("demo", LAST, ALONE).series is before.series
    a_crawl(engine, "demo", nodes=4, minutes_ago=0)
    assert shown("demo", LAST, ALONE).series.points["answered"].iloc[-1] == 4


def test_news_only_for_a_period_that_goes_on(engine, request_context):
    a_past(engine, hosts=3, days=1)
    seen = system_page._news("demo", None)
    a_crawl(engine, "demo", minutes_ago=0)
    news, heartbeat = system_page._refresh(1, "demo", seen, {}, LAST)
    assert (news, heartbeat) == (system_page._news("demo", None), 1)
    assert news != seen
    for data, known in ((LAST, news), (MARCH, seen)):
        assert not isinstance(system_page._refresh(2, "demo", known, {}, data)[0], str)


def test_progress_of_an_action_is_no_news(engine, request_context):
    a_past(engine, hosts=3, days=1)
    seen = system_page._news("demo", None)
    ticket = a_ticket(engine, "demo", "upgrade", done=1, total=3)
    begun = system_page._news("demo", None)
    change_ticket(engine, ticket, done=2)
    assert begun == system_page._news("demo", None) != seen
    change_ticket(engine, ticket, state=TicketState.DONE, ended_at=START)
    assert system_page._news("demo", None) != begun


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("2026-03-01 10:00:30.5", "2026-03-01 12:00:00.1234"), ("10:00", "12:01")),
        (("2026-03-01 12:30", "2026-03-01 10:00"), ("10:00", "12:31")),
        (("2026-03-01", "2026-03-01"), ("00:00", "00:01")),
    ],
)
def test_a_zoom_is_whole_minutes(said, expected):
    start, end = plot.zoomed_to({"xaxis.range[0]": said[0], "xaxis.range[1]": said[1]})
    assert (f"{start:%H:%M}", f"{end:%H:%M}") == expected


@pytest.mark.parametrize("said", [{}, {"autosize": True}, {"xaxis.range[0]": EVIL, "xaxis.range[1]": 5}])
def test_anything_else_is_no_zoom(said):
    assert plot.zoomed_to(said) is None


def test_the_figure_is_told_in_words_and_its_points_are_a_frame(engine, request_context):
    a_past(engine, hosts=4, days=1)
    found = shown("demo", LAST, ALONE)
    words = summary(found)
    assert "Nodes: mean" in words
    assert "Crawl duration: mean" in words
    assert "nan" not in words
    points = plot.points_of(found)
    assert (len(points), set(points["pool"])) == (20, {"demo"})


def test_the_table_is_json_with_the_latest_crawl_first(engine, request_context):
    a_bare_pool(engine)
    crawls_at(engine, "demo", hours(2), answered=[3, 4], consistency=[None, 1.0], complete=[True, False])
    rows, _, hint = table._fill(MARCH, "", "demo")
    assert [row["answered"] for row in rows] == [4, 3]
    assert [row["consistency"] for row in rows] == [1.0, None]
    assert [row["complete"] for row in rows] == ["no", "yes"]
    assert rows[0]["started_at"] == "2026-03-01T01:00:00+00:00"
    json.dumps(rows, allow_nan=False)
    assert hint == ""


def test_more_crawls_than_a_table_holds_are_told(engine, request_context, monkeypatch):
    a_bare_pool(engine)
    crawls_at(engine, "demo", hours(9))
    monkeypatch.setattr(table, "MOST", 5)
    rows, _, hint = table._fill(MARCH, "", "demo")
    assert len(rows) == 5
    assert "p2ppool export system-stats" in hint


def test_without_a_crawl_it_says_what_to_do(engine, request_context):
    a_bare_pool(engine)
    *_, is_hidden, note, _ = plot._draw(LAST, {}, "light", "", "demo")
    assert is_hidden
    assert note[1].children == "p2ppool pool crawl demo"
    crawls_at(engine, "demo", hours(1))
    *_, is_hidden, note, _ = plot._draw(
        MARCH | {"to": "2026-02-01T00:00", "from": None}, {}, "light", "", "demo"
    )
    assert (is_hidden, note) == (True, ["No crawl of this pool started in that period."])


def test_what_others_wrote_stays_text(engine, request_context):
    a_bare_pool(engine, "evil", description=EVIL)
    crawls_at(engine, "evil", hours(1))
    told = {"requester": EVIL, "message": EVIL, "started_at": START, "ended_at": START + HOUR}
    a_ticket(engine, "evil", "upgrade", TicketState.FAILED, **told)
    figure, _, _, _, _, listed = plot._draw(MARCH, {}, "light", "", "evil")
    assert "<script" not in json.dumps(figure)
    assert EVIL in texts(listed)
    tree = system_page._layout(name="evil", period=EVIL, compare=EVIL, annotations=EVIL)
    assert not {"Markdown", "Script"} & {part["type"] for part in components(tree)}


def test_a_long_list_of_actions_is_cut(engine, request_context):
    assert actions.action_list([]) is None
    a_past(engine, hosts=2, days=1)
    first, *_ = shown("demo", {"period": "all"}, ALONE).annotations
    listed = actions.action_list([first] * 150)
    assert texts(listed)[0] == "150 marked actions, of which the latest 100 are listed"
    assert sum(part["type"] == "Li" for part in components(listed)) == 100
