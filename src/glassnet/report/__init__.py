"""A study's results as one HTML page that needs nothing beside itself, and the page that opens them all."""

from glassnet.report.overview import write_overview
from glassnet.report.page import render_report, write_report

__all__ = ["render_report", "write_overview", "write_report"]
