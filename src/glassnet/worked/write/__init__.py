"""Traces and grades, written out."""
