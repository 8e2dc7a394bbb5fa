"""Figures, made with matplotlib."""
