"""Routes that are not pages: downloads, exports, uploads, health."""
