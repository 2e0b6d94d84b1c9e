"""The texts that spreadsheets interpret as formulas."""

from typing import Final

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters by which a spreadsheet recognises a formula (OWASP, CSV injection)."""
