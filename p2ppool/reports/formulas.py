"""What spreadsheets take for a formula."""

from typing import Final

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters by which a spreadsheet recognises one (OWASP, CSV injection)."""
