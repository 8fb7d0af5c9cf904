"""TableEncoder: tables with numbers, categories, dates and gaps as one matrix of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from glassnet._common.arrays import Array
from glassnet.data.frames import check_names
from glassnet.errors import InvalidDataError
from glassnet.models._decorators import checks_parameters
from glassnet.models._settings import DtypeName
from glassnet.models.tabular._encoding import Encoding
from glassnet.models.tabular._learning import learn_columns
from glassnet.models.tabular._reading import Table, read_table
from glassnet.models.tabular._scaling import NumbersName
from glassnet.models.tabular._storing import EncoderState, read_state
from glassnet.models.tabular.columns import EncodedColumn, TableLayout, in_order, output_names

EXACT_CODES = {"float32": 2**24, "float64": 2**53}
"""Up to where floating-point numbers hold every whole one."""


class TableEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Make one matrix of numbers of a table: numbers scaled, categories as flags or codes, gaps told.

    Tables are data frames of pandas or polars, Arrow tables, or arrays and lists of rows; the same content
    gives the same numbers, to the last bit, whichever holds it. What becomes of a column depends on what it
    holds in `fit`:

    - *numbers* (whole, floating, decimal): minus the median, over the interquartile range (where that is 0,
      over half the range; where that is 0, times 0), then ``z / sqrt(1 + (z/3)^2)``, which keeps outliers
      below 3. A missing number becomes the median; a column with gaps in `fit` has an indicator of them, 0
      or 1, beside it, of the name ``age missing``. Without gaps in `fit`, later ones become the median.
    - *truth values and categories* (text, what a frame declares categorical or an enumeration): up to
      `max_one_hot` values each becomes a flag, 0 or 1, of the name ``colour=red``; two values share one, -1
      for the first and 1 for the second; missing and unknown values are all 0. More values become
      one column of codes: 1, 2, ... in sorted order, 0 for missing and unknown. A single value tells
      nothing, and has no flag unless there were gaps. Flags and codes are not scaled. An empty text is a
      category. Numbers held as text, "12.5", are categories: nothing is guessed; convert them where they
      are meant as numbers.
    - *dates, with times or without*: days since 1970-01-01 (with the time as a fraction), month, day of the
      month, weekday (0 is Monday), hour (with minutes as a fraction), each a number like any other, of
      the name ``born month``; those that are the same in all rows of `fit` are left out, as the hour where
      there are no times. Times are those of the clocks in the column's time zone, which has to be the same
      later.
    - *durations* become days, *times of day* hours since midnight: numbers.
    - a column with nothing but gaps is left out, whatever it holds later.

    The features stand in this order: numbers, flags (indicators and one-hot columns), codes.

    Parameters
    ----------
    numbers : {"robust", "standard", "none"}
        How numbers are scaled: as above; or minus the mean, over the standard deviation; or not at all,
        where a missing number still becomes the median.
    max_one_hot : int or None
        Up to how many values a column of categories is one-hot; None: however many there are.
    min_frequency : int
        Categories that are there less often in `fit` count as unknown.
    dtype : {"float32", "float64"}
        Of the matrix. It is computed in float64.

    Attributes
    ----------
    columns_ : tuple of EncodedColumn
        How each column is encoded: its kind, gaps, figures, categories and the names of its features;
        ``print`` writes one in a line.
    layout_ : TableLayout
        How many of the features are numbers and flags, and how many codes each column of codes has.
    n_features_in_ : int
    feature_names_in_ : ndarray of object, shape (`n_features_in_`,)
        Where all columns have names that are text.

    Notes
    -----
    Infinite numbers, columns that mix kinds (numbers and text), lists, and text that names the rows (more
    than 90 % of 100 or more values are distinct) are refused, with the column and row.

    The scaling is that of RealMLP.

    References
    ----------
    Holzmüller, Grinsztajn, Steinwart (2024), Better by default: strong pre-tuned MLPs and boosted trees on
    tabular data, arXiv 2407.04491.

    Examples
    --------
    >>> import pandas
    >>> table = pandas.DataFrame({"age": [31, 45, None, 22], "colour": ["red", "blue", "green", None]})
    >>> encoder = TableEncoder().fit(table)
    >>> encoder.transform(table).round(2)
    array([[ 0.  ,  0.  ,  0.  ,  0.  ,  1.  ],
           [ 1.13,  0.  ,  1.  ,  0.  ,  0.  ],
           [ 0.  ,  1.  ,  0.  ,  1.  ,  0.  ],
           [-0.76,  0.  ,  0.  ,  0.  ,  0.  ]], dtype=float32)
    >>> for column in encoder.columns_:
    ...     print(column)
    age: number, 1 missing -> (x - 31) * 0.0869565; an indicator of gaps
    colour: category, 1 missing -> one-hot: blue, green, red

    For models of other kinds, ask for flags only, or tell them which features are codes:

    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> model = make_pipeline(TableEncoder(max_one_hot=None), LogisticRegression())
    >>> model.fit(table, [0, 1, 1, 0]).predict(table)
    array([0, 1, 1, 0])
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> encoder = TableEncoder(numbers="none").fit(table)
    >>> n, n_codes = encoder.layout_.width, len(encoder.layout_.cardinalities)
    >>> codes = list(range(n - n_codes, n))
    >>> trees = make_pipeline(encoder, HistGradientBoostingClassifier(categorical_features=codes))
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "numbers": [StrOptions({"robust", "standard", "none"})],
        "max_one_hot": [Interval(Integral, 0, None, closed="left"), None],
        "min_frequency": [Interval(Integral, 1, None, closed="left")],
        "dtype": [StrOptions({"float32", "float64"})],
    }

    columns_: tuple[EncodedColumn, ...]
    layout_: TableLayout
    n_features_in_: int
    feature_names_in_: NDArray[np.object_]

    def __init__(
        self,
        *,
        numbers: NumbersName = "robust",
        max_one_hot: int | None = 9,
        min_frequency: int = 1,
        dtype: DtypeName = "float32",
    ) -> None:
        self.numbers = numbers
        self.max_one_hot = max_one_hot
        self.min_frequency = min_frequency
        self.dtype = dtype

    @checks_parameters
    def fit(self, X: Any, y: Any = None) -> Self:
        """Find out what the columns hold, and how they are to be encoded.

        Parameters
        ----------
        X : {DataFrame, Arrow table, array-like} of shape (n_rows, n_columns)
        y : ignored

        Returns
        -------
        self
        """
        self._learn(X)
        return self

    @checks_parameters
    def fit_transform(self, X: Any, y: Any = None) -> Array:
        """Do `fit` and `transform`, reading the table once.

        Parameters
        ----------
        X : {DataFrame, Arrow table, array-like} of shape (n_rows, n_columns)
        y : ignored

        Returns
        -------
        ndarray of shape (n_rows, n_features_out)
        """
        table = self._learn(X)
        return self._encoding.encode(table, np.dtype(self.dtype))

    def transform(self, X: Any) -> Array:
        """Encode a table with the columns of the one in `fit`, under the same names and in the same order.

        Parameters
        ----------
        X : {DataFrame, Arrow table, array-like} of shape (n_rows, n_columns)

        Returns
        -------
        ndarray of shape (n_rows, n_features_out)

        Raises
        ------
        InvalidDataError
            When the columns have other names, or hold something else than in `fit`.
        """
        check_is_fitted(self)
        table = read_table(X)
        named = hasattr(self, "feature_names_in_")
        if table.names is not None and named:
            check_names(np.array(table.names, object), self.feature_names_in_)
        elif table.names is not None or named or len(table.content) != self.n_features_in_:
            validate_data(self, X, reset=False, skip_check_array=True)  # warns, or says what is wrong
        return self._encoding.encode(table, np.dtype(self.dtype))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the features, as ``age``, ``age missing``, ``colour=red``.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the columns, where there were none in `fit`; otherwise the same as there.

        Returns
        -------
        ndarray of object, shape (n_features_out,)
        """
        check_is_fitted(self)
        names = [str(name) for name in _check_feature_names_in(self, input_features)]
        return np.array(in_order(self.columns_, output_names(self.columns_, names)), object)

    def to_dict(self) -> dict[str, Any]:
        """Return the fitted encoder as text, numbers, lists and dicts, as JSON holds them exactly."""
        check_is_fitted(self)
        state = EncoderState(
            numbers=self.numbers,
            max_one_hot=None if self.max_one_hot is None else int(self.max_one_hot),
            min_frequency=int(self.min_frequency),
            dtype=self.dtype,
            named=hasattr(self, "feature_names_in_"),
            columns=tuple(replace(column, outputs=()) for column in self.columns_),
        )
        return asdict(state)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return the encoder that `to_dict` wrote, also where it was JSON meanwhile.

        Parameters
        ----------
        stored : mapping

        Returns
        -------
        TableEncoder

        Raises
        ------
        InvalidDataError
            When it is none that `to_dict` wrote.
        """
        state = read_state(stored)
        encoder = cls(
            numbers=state.numbers,  # type: ignore[arg-type]  # checked in the next line
            max_one_hot=state.max_one_hot,
            min_frequency=state.min_frequency,
            dtype=state.dtype,  # type: ignore[arg-type]
        )
        encoder._validate_params()
        names = [column.name for column in state.columns]
        encoder.n_features_in_ = len(names)
        if state.named:
            encoder.feature_names_in_ = np.array(names, object)
        encoder._set_columns(state.columns)
        return encoder

    def _learn(self, X: Any) -> Table:
        table = read_table(X)
        columns = learn_columns(table, self.numbers, self.max_one_hot, self.min_frequency)
        if hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        if table.names is not None:
            self.feature_names_in_ = np.array(table.names, object)
        self.n_features_in_ = len(columns)
        self._set_columns(columns)
        return table

    def _set_columns(self, columns: Sequence[EncodedColumn]) -> None:
        """Store the columns, with the names of their features, and what follows from them."""
        most = max((len(column.categories) for column in columns if column.coded), default=0)
        if most > EXACT_CODES[self.dtype]:
            raise InvalidDataError(
                f"a column has {most:,} categories, more than {self.dtype} has codes for. Use "
                'dtype="float64", or min_frequency=2, which takes those that are there once as unknown.'
            )
        outputs = output_names(columns, [column.name for column in columns])
        self.columns_ = tuple(
            replace(column, outputs=tuple(names)) for column, names in zip(columns, outputs, strict=True)
        )
        self._encoding = Encoding(self.columns_, smooth=self.numbers == "robust")
        self.layout_ = self._encoding.layout

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags
