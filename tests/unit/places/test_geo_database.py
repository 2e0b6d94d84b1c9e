"""A manager's database: what it says is used, and whatever it says harms nothing."""

import pytest

from p2ppool.errors import UserError
from p2ppool.places.geo_database import GeoDatabase
from p2ppool.places.place import Place, Precision, Source
from tests.lab.services.mmdb import mmdb

MUNICH = {
    "city": {"names": {"en": "Munich"}},
    "country": {"iso_code": "DE", "names": {"en": "Germany"}},
    "location": {"latitude": 48.13743, "longitude": 11.57549, "accuracy_radius": 20},
}


@pytest.fixture
def database(tmp_path):
    def database(records, **options):
        file = tmp_path / "geo.mmdb"
        file.write_bytes(mmdb(records, **options))
        return GeoDatabase(file)

    return database


def test_a_city_is_reported_with_its_name(database):
    found = database({"192.0.2.0/24": MUNICH, "2001:db8::/32": MUNICH})
    place = Place(48.1374, 11.5755, Source.GEO_DATABASE, Precision.CITY, "Munich, Germany", "DE")
    assert found.place("192.0.2.77") == place
    assert found.place("2001:db8::1") == place
    assert found.place("198.51.100.1") is None


def test_coordinates_that_are_far_from_sure_only_report_the_country(database):
    record = MUNICH | {"location": MUNICH["location"] | {"accuracy_radius": 1000}}
    assert database({"192.0.2.0/24": record}).place("192.0.2.1").precision is Precision.COUNTRY


@pytest.mark.parametrize(
    "record",
    [
        "no record",
        {},
        {"location": "here"},
        {"location": {"latitude": 48.0}},
        {"location": {"latitude": "48", "longitude": "11"}},
        {"location": {"latitude": float("nan"), "longitude": 11.0}},
        {"location": {"latitude": float("inf"), "longitude": 11.0}},
        {"location": {"latitude": 91.0, "longitude": 11.0}},
        {"location": {"latitude": 48.0, "longitude": -180.5}},
        {"country": {"iso_code": "<b>"}},
    ],
)
def test_what_is_no_place_is_none(database, record):
    found = database({"192.0.2.0/24": record})
    assert found.place("192.0.2.1") is None
    assert found.country("192.0.2.1") == ""


def test_odd_names_are_one_line_and_short(database):
    record = MUNICH | {"city": {"names": {"en": "<b>\n" + "x" * 200}}, "country": {"names": {"en": 7}}}
    label = database({"192.0.2.0/24": record}).place("192.0.2.1").label
    assert label.startswith("<b> x")
    assert len(label) <= 80


def test_a_database_of_ipv4_knows_no_ipv6(database):
    assert database({"192.0.2.0/24": MUNICH}, ip_version=4).place("2001:db8::1") is None


@pytest.mark.parametrize("content", [b"", b"no database", None])
def test_a_file_that_is_none_is_an_error_that_names_it(tmp_path, content):
    file = tmp_path / "geo.mmdb"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError, match=r"geo\.mmdb can't be used: .*P2PPOOL_GEO_DATABASE"):
        GeoDatabase(file)


def test_a_file_that_is_broken_inside_is_an_error_when_one_comes_there(tmp_path):
    whole = mmdb({"192.0.2.0/24": MUNICH})
    file = tmp_path / "geo.mmdb"
    file.write_bytes(whole.replace(b"\x44city", b"\x3fcity"))  # a pointer to far behind the end
    found = GeoDatabase(file)
    with pytest.raises(UserError, match="can't be used"):
        found.place("192.0.2.1")
