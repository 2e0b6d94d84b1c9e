"""Data frames from queries."""

from typing import Any

import pandas as pd
from sqlalchemy import Select
from sqlalchemy.orm import Session


def frame_of(session: Session, query: Select[Any]) -> pd.DataFrame:
    """Return the rows in a frame with the columns of the query, even if there are no rows."""
    found = session.execute(query)
    return pd.DataFrame([tuple(row) for row in found], columns=list(found.keys()))
