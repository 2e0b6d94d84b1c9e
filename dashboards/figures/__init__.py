"""Figures: from frames to Plotly; no queries, no callbacks."""
