"""Lines over time stop where nothing is known."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dashboards.pages.system.time_lines import axis_time, band, broken_line, segments

AT = datetime(2026, 3, 1, tzinfo=UTC)


def hours(*numbers):
    return [AT + timedelta(hours=number) for number in numbers]


def test_a_line_is_broken_where_a_step_is_much_longer_than_usual():
    assert segments(hours(0, 1, 2, 3, 9, 10)) == [range(4), range(4, 6)]
    assert segments(hours(0, 1, 2, 5)) == [range(4)]
    x, y = broken_line(hours(0, 1, 2, 9), [5, 6, 7, 8])
    assert y == [5, 6, 7, None, 8]
    assert x == [
        "2026-03-01 00:00:00",
        "2026-03-01 01:00:00",
        "2026-03-01 02:00:00",
        None,
        "2026-03-01 09:00:00",
    ]


def test_a_band_goes_there_along_the_top_and_back_along_the_bottom():
    x, y = band(hours(0, 1), [1, 2], [3, 4])
    assert y == [3, 4, 2, 1, None]
    assert x == [*map(axis_time, hours(0, 1, 1, 0)), None]


def test_nothing_and_a_single_point_are_fine():
    assert broken_line([], []) == ([], [])
    assert broken_line(hours(3), [7])[1] == [7]
    assert band([], [], []) == ([None], [None])


@given(st.lists(st.integers(0, 10_000), unique=True, max_size=30).map(sorted))
def test_no_point_is_lost(numbers):
    times = hours(*numbers)
    places = [place for part in segments(times) for place in part]
    assert places == list(range(len(times)))
    assert [value for value in broken_line(times, numbers)[1] if value is not None] == numbers
