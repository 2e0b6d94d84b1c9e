"""What a wheel would contain: every file that the packages read beside their modules."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]


def test_every_asset_and_every_table_of_data_is_package_data():
    for package, folder in (("dashboards", "assets"), ("p2ppool", "places")):
        root = ROOT / package
        packed = {file for pattern in DATA[package] for file in root.glob(pattern) if file.is_file()}
        there = {
            file
            for file in (root / folder).rglob("*")
            if file.is_file() and file.suffix not in {".py", ".pyc"}
        }
        assert there - packed == set()
