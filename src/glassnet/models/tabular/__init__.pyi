from .classifier import TabularMLPClassifier as TabularMLPClassifier
from .columns import (
    ColumnKind as ColumnKind,
    EncodedColumn as EncodedColumn,
    ScaledNumber as ScaledNumber,
    TableLayout as TableLayout,
)
from .encoder import TableEncoder as TableEncoder
from .recipe import RECIPES as RECIPES, Recipe as Recipe
from .regressor import TabularMLPRegressor as TabularMLPRegressor
