from .columns import (
    ColumnKind as ColumnKind,
    EncodedColumn as EncodedColumn,
    ScaledNumber as ScaledNumber,
    TableLayout as TableLayout,
)
from .encoder import TableEncoder as TableEncoder
