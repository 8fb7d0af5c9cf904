"""The lines of a worked example, for those who make other things of them: exercises, their sheets, hints."""

from glassnet.worked._formula import (
    KINDS as KINDS,
    Apply as Apply,
    Formula as Formula,
    Line as Line,
    MatrixProduct as MatrixProduct,
    Number as Number,
    Power as Power,
    Product as Product,
    Quantity as Quantity,
    Quotient as Quotient,
    Ref as Ref,
    Sum as Sum,
    Symbol as Symbol,
    TimesLog as TimesLog,
    Total as Total,
    evaluate as evaluate,
    parts_of as parts_of,
    quantities_of as quantities_of,
)
from glassnet.worked._numbers import format_number as format_number, round_half_up as round_half_up
from glassnet.worked._parse import FUNCTIONS as FUNCTIONS, parse_formula as parse_formula
from glassnet.worked.grade._variants import with_quantity as with_quantity
from glassnet.worked.trace._lines import (
    derive as derive,
    givens as givens,
    stated_in as stated_in,
    work_out as work_out,
)
from glassnet.worked.trace._names import names_of as names_of
from glassnet.worked.trace._passes import is_identity as is_identity, label_of as label_of
from glassnet.worked.trace._updates import updates_of as updates_of
from glassnet.worked.trace._work import work_problem as work_problem
