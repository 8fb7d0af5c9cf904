"""A study's results as one HTML page that needs nothing beside itself."""

from glassnet.report.page import render_report, write_report

__all__ = ["render_report", "write_report"]
