"""Signing in: who somebody is, the pages for that, and what keeps others from guessing it."""

from dashboards.sign_in.setting_up import set_up

__all__ = ["set_up"]
