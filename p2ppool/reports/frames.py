"""Frames of what a query finds."""

from typing import Any

import pandas as pd
from sqlalchemy import Select
from sqlalchemy.orm import Session


def frame_of(session: Session, query: Select[Any]) -> pd.DataFrame:
    """The rows with the columns that the query names, also where there are none."""
    found = session.execute(query)
    return pd.DataFrame([tuple(row) for row in found], columns=list(found.keys()))
