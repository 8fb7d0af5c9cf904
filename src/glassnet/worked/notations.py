"""How lines are written, for those who make other things of them: sheets, solutions, questions."""

from glassnet.worked.write._formula import (
    Notation as Notation,
    write_numbers as write_numbers,
    write_symbols as write_symbols,
    write_value as write_value,
)
from glassnet.worked.write._html import MathML as MathML, html_line as html_line, math as math
from glassnet.worked.write._latex import Latex as Latex, escape as escape
from glassnet.worked.write._plain import TEXT as TEXT, PlainText as PlainText
from glassnet.worked.write.layout import (
    definitions_of as definitions_of,
    is_renewed as is_renewed,
    rows_of as rows_of,
    stages_of as stages_of,
)
