"""The surest source wins, and whatever an address or a node says gives a place or a reason."""

import math
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.places.countries import _loaded, countries, country_of
from p2ppool.places.geolocation import Geolocation, geolocation
from p2ppool.places.place import Place, Precision, Source, Unplaced
from tests.lab.services.mmdb import mmdb

GERMAN = "193.99.144.80"
BY_HAND = Place(1.0, 2.0, Source.BY_HAND, Precision.EXACT, "the cellar")
CITY = {"location": {"latitude": 52.5, "longitude": 13.4, "accuracy_radius": 5}}
COARSE = {"location": {"latitude": 51.0, "longitude": 9.0, "accuracy_radius": 500}}


@pytest.fixture
def with_database(tmp_path):
    def with_database(record):
        file = tmp_path / "geo.mmdb"
        file.write_bytes(mmdb({"193.99.0.0/16": record}))
        return Geolocation(file)

    return with_database


def test_by_hand_wins_over_all(with_database):
    assert with_database(CITY).find(GERMAN, "10, 10", BY_HAND) is BY_HAND
    assert Geolocation(None).find(None, None, BY_HAND) is BY_HAND


def test_a_citys_coordinates_win_over_what_the_node_says(with_database):
    found = with_database(CITY).find(GERMAN, "10, 10")
    assert (found.latitude, found.longitude, found.source) == (52.5, 13.4, Source.GEO_DATABASE)


def test_the_node_wins_over_a_country(with_database):
    for where in (with_database(COARSE), Geolocation(None)):
        found = where.find(GERMAN, "48.14, 11.58")
        assert (found.latitude, found.longitude, found.source) == (48.14, 11.58, Source.NODE)
    assert with_database(COARSE).find(GERMAN).source is Source.GEO_DATABASE


def test_a_country_that_only_the_database_knows_has_its_centre(with_database):
    found = with_database({"country": {"iso_code": "FR"}}).find(GERMAN)
    assert (found.label, found.precision, found.country) == ("France", Precision.COUNTRY, "FR")


@pytest.mark.parametrize("ip", [GERMAN, f"::ffff:{GERMAN}", "2002:c163:9050::1", "2a02:2e0:3fe:1001:302::"])
def test_without_a_database_the_country_is_known_of_ipv4_and_ipv6(ip):
    found = Geolocation(None).find(ip)
    assert (found.label, found.source, found.precision) == ("Germany", Source.COUNTRY, Precision.COUNTRY)


@pytest.mark.parametrize(
    ("ip", "reason"),
    [
        (None, Unplaced.NO_ADDRESS),
        ("", Unplaced.NO_ADDRESS),
        ("<b>", Unplaced.NO_ADDRESS),
        ("127.77.0.1", Unplaced.LOOPBACK),
        ("::1", Unplaced.LOOPBACK),
        ("::ffff:127.0.0.1", Unplaced.LOOPBACK),
        ("10.1.2.3", Unplaced.PRIVATE),
        ("192.168.0.1", Unplaced.PRIVATE),
        ("169.254.1.1", Unplaced.PRIVATE),
        ("fd00::1", Unplaced.PRIVATE),
        ("fe80::1", Unplaced.PRIVATE),
        ("100.64.0.1", Unplaced.RESERVED),
        ("224.0.0.1", Unplaced.RESERVED),
        ("240.0.0.1", Unplaced.RESERVED),
        ("0.0.0.0", Unplaced.RESERVED),
    ],
)
def test_what_has_no_place_has_a_reason_unless_the_node_says_where_it_is(ip, reason):
    assert Geolocation(None).find(ip) is reason
    assert Geolocation(None).find(ip, "48.14, 11.58").source is Source.NODE


@pytest.mark.parametrize(
    "told",
    [",", "0, 0", "nan, nan", "inf, 1", "91, 0", "1, 181", "1", "1, 2, 3", "<b>, 2", "1" * 100 + ", 2", ""],
)
def test_what_a_node_says_is_used_only_if_it_is_a_point_on_earth(told):
    assert Geolocation(None).find("10.0.0.1", told) is Unplaced.PRIVATE


@given(
    st.text(max_size=80),
    st.text(max_size=80) | st.from_regex(r"-?\d{1,3}(\.\d+)?, ?-?\d{1,3}", fullmatch=True),
)
def test_any_text_gives_a_place_on_earth_or_a_reason(ip, told):
    found = Geolocation(None).find(ip, told)
    if isinstance(found, Place):
        assert abs(found.latitude) <= 90
        assert abs(found.longitude) <= 180
        assert math.isfinite(found.latitude + found.longitude)
    else:
        assert found in Unplaced


def test_a_bad_database_is_a_problem_in_words_and_countries_are_still_known(tmp_path):
    file = tmp_path / "geo.mmdb"
    file.write_bytes(b"no database")
    where = Geolocation(file)
    assert "geo.mmdb can't be used" in where.problem
    assert where.find(GERMAN).label == "Germany"


def test_another_file_is_read_anew(tmp_path):
    file = tmp_path / "geo.mmdb"
    assert "can't be used" in geolocation(file).problem
    file.write_bytes(mmdb({"193.99.0.0/16": CITY}))
    where = geolocation(file)
    assert where.problem == ""
    assert where.find(GERMAN).latitude == 52.5
    assert geolocation(file) is where


def test_the_countries_data_leaves_the_environment_alone_and_serves_threads(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "geoip2fast-ipv6.dat.gz").write_bytes(b"would be unpickled")
    before = dict(os.environ)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(country_of, [GERMAN, "2001:4860:4860::8888"] * 200))
    assert {country.code for country in found} == {"DE", "US"}
    assert dict(os.environ) == before


@pytest.fixture
def without_countries(monkeypatch):
    """The extra is not installed."""
    monkeypatch.setitem(sys.modules, "geoip2fast", None)
    _loaded.cache_clear()
    yield
    _loaded.cache_clear()


def test_without_the_extra_what_has_no_place_says_what_to_install(without_countries, with_database):
    for where in (Geolocation(None), with_database({})):
        assert where.find(GERMAN) is Unplaced.NO_LOOK_UP
        assert where.find("10.0.0.1") is Unplaced.PRIVATE
        assert where.find(GERMAN, "48.14, 11.58").source is Source.NODE
        assert where.find(GERMAN, None, BY_HAND) is BY_HAND
    assert with_database(CITY).find(GERMAN).source is Source.GEO_DATABASE
    assert "pip install 'p2ppool[geo]'" in Unplaced.NO_LOOK_UP


def test_every_country_has_a_name_and_a_centre_on_earth():
    found = countries()
    assert len(found) > 240
    assert all(len(code) == 2 and one.name and abs(one.latitude) <= 90 for code, one in found.items())
