"""The folder goes to hosts alone: Python 3.8 and its standard library must do."""

import ast
import sys
from pathlib import Path

import pytest

import p2ppool.node

SOURCES = sorted(Path(p2ppool.node.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_syntax_is_that_of_python_3_8(source):
    ast.parse(source.read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_imports_are_relative_or_from_the_standard_library(source):
    for statement in ast.walk(ast.parse(source.read_text())):
        if isinstance(statement, ast.Import):
            assert {name.name.split(".")[0] for name in statement.names} <= sys.stdlib_module_names
        if isinstance(statement, ast.ImportFrom):
            assert statement.level == 1 or statement.module.split(".")[0] in sys.stdlib_module_names


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_no_module_hides_one_of_the_standard_library(source):
    assert source.stem not in sys.stdlib_module_names
