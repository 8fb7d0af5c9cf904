from .exhibits import EXHIBITS as EXHIBITS
from .overview import write_overview as write_overview
from .page import render_report as render_report, write_report as write_report
from .table_page import write_table_report as write_table_report
