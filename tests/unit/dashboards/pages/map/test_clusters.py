"""Points that are put together on the map: none is lost, none is far away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.pages.map.clusters import apart, clusters, spiral

POINTS = st.lists(
    st.tuples(
        st.floats(-90, 90).map(lambda number: round(number, 2)),
        st.floats(-180, 180).map(lambda number: round(number, 2)),
    )
    | st.sampled_from([(50.11, 8.68), (50.1, 8.7), (0.0, 180.0), (0.0, -180.0), (90.0, 0.0), (-90.0, 77.0)]),
    max_size=60,
)


@given(POINTS, st.sampled_from([0.01, 0.5, 5.0, 40.0, 400.0]))
def test_every_point_is_in_exactly_one_cluster_and_near_its_middle(points, radius):
    found = clusters(points, radius)
    assert sorted(number for cluster in found for number in cluster.members) == list(range(len(points)))
    for cluster in found:
        middle = (cluster.latitude, cluster.longitude)
        assert abs(middle[0]) <= 90
        assert abs(middle[1]) <= 180
        assert max(apart(middle, points[number]) for number in cluster.members) == cluster.extent
    assert clusters(list(points), radius) == found


def test_points_of_one_place_stay_together_however_near_one_looks():
    (cluster,) = clusters([(50.11, 8.68)] * 5000, 1e-6)
    assert (len(cluster.members), cluster.extent) == (5000, 0)
    assert (cluster.latitude, cluster.longitude) == (50.11, 8.68)


def test_what_is_near_over_the_date_line_is_together():
    (cluster,) = clusters([(10.0, 179.5), (10.0, -179.5)], 2.0)
    assert abs(cluster.longitude) == pytest.approx(180)


@given(st.integers(2, 300), st.floats(-85, 85), st.floats(-180, 180))
def test_on_a_spiral_none_lies_on_another(count, latitude, longitude):
    points = spiral((latitude, longitude), count, 0.01)
    assert len(points) == count
    assert min(apart(points[0], other) for other in points[1:]) > 0.005
    assert all(apart((latitude, longitude), point) < 0.01 * count for point in points[1:])
