"""Addresses that are no pages: downloads, exports, uploads, health."""
