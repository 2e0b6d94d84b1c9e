"""Figures: from data frames to Plotly; no queries, no callbacks."""
