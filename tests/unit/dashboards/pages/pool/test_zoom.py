"""What is kept of a zoom, out of what a browser says of it."""

import pytest

from dashboards.pages.pool.zoom import zoom

ZOOMED = {"xaxis.range[0]": -0.5, "xaxis.range[1]": 0.5, "yaxis.range[0]": 0, "yaxis.range[1]": 1}


def test_a_zoom_is_kept():
    assert zoom(ZOOMED) == {"xaxis": {"range": [-0.5, 0.5]}, "yaxis": {"range": [0, 1]}}


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        {"autosize": True},
        ZOOMED | {"yaxis.range[1]": None},
        ZOOMED | {"yaxis.range[1]": "1"},
        ZOOMED | {"yaxis.range[1]": float("nan")},
        {"xaxis.autorange": True, "yaxis.autorange": True},
    ],
)
def test_anything_else_is_not(said):
    assert zoom(said) == {}
