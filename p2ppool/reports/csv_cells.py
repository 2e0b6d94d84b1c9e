"""CSV cells that are only text: spreadsheets take some for formulas, and hosts and nodes may say anything."""

import pandas as pd

from p2ppool.reports.formulas import DANGEROUS


def safe_cell(value: object) -> object:
    """A text that could be a formula with an apostrophe before it; everything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def safe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with each of its texts made safe."""
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame.assign(**{column: frame[column].map(safe_cell) for column in texts})
