"""What a manager gives as a place."""

import pytest

from p2ppool.errors import UserError
from p2ppool.places.place import format_coordinates, parse_coordinates


def test_degrees_north_and_east():
    assert parse_coordinates("48.14,11.58") == (48.14, 11.58)
    assert parse_coordinates(" -33.87 , 151.21 ") == (-33.87, 151.21)
    assert format_coordinates(-33.87, 151.21) == "33.87° S, 151.21° E"
    assert format_coordinates(40.71, -74) == "40.71° N, 74.00° W"


@pytest.mark.parametrize("text", ["", "48.14", "north,east", "91,0", "0,181", "nan,0", "1,2,3", "9" * 70])
def test_what_is_no_place_is_refused_with_an_example(text):
    with pytest.raises(UserError, match=r'such as "48\.14,11\.58"'):
        parse_coordinates(text)
