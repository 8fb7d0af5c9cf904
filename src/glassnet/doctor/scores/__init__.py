"""Scores, and what is claimed of them."""
