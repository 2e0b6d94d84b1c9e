"""CSV cells that are only text: spreadsheets run some texts as formulas,
and hosts and nodes may send anything.
"""

import pandas as pd

from p2ppool.reports.formulas import guarded


def safe_cell(value: object) -> object:
    """Return a text with apostrophes before what could be a formula; return everything else unchanged."""
    return guarded(value) if isinstance(value, str) else value


def safe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with all its texts made safe."""
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame.assign(**{column: frame[column].map(safe_cell) for column in texts})
