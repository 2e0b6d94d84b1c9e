"""Tests that need what a developer's machine may lack."""

import os

import pytest


def skip_unless_ci(reason):
    """Skip the test for `reason`, if there is one; in CI, where everything is installed, fail it instead."""
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
