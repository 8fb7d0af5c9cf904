"""Every error that glassnet raises on purpose.

One tree; each error is also the built-in kind that a user would expect to catch::

    GlassnetError
    ├── InvalidParameterError (ValueError)     a setting that cannot be right
    │   └── UnknownNameError                   a name that is in none of the tables
    ├── InvalidDataError (ValueError)          arrays that do not fit, or hold what cannot be learnt from
    │   └── StreamAsArrayError (TypeError)     a stream was given to what wants all rows at once
    ├── NotFittedError (ValueError, AttributeError)
    │                                          a fitted network is needed, and fit has not run
    ├── DivergedError (FloatingPointError, ValueError)
    │                                          training reached NaN or infinity
    ├── MissingPackageError (ImportError)      a package is not installed that only some need
    ├── StudyError (RuntimeError)              a study could not go on
    └── FileError (OSError)                    a file or folder could not be read or written
        ├── DataFileError                      a data file is damaged, or is not what it claims to be
        └── RunFolderError                     a study's run folder is damaged, or belongs to other settings
            └── DamagedRunError                one of its files is not what the run wrote

A message says what was got, what was expected, and the likely fix.
"""


class GlassnetError(Exception):
    """Stand at the root of every error that glassnet raises on purpose."""


class InvalidParameterError(GlassnetError, ValueError):
    """Report a setting that cannot be right."""


class UnknownNameError(InvalidParameterError):
    """Report a name that the table does not hold; the message lists the known ones and the nearest."""


class InvalidDataError(GlassnetError, ValueError):
    """Report arrays whose shape, length, type or values cannot be used."""


class StreamAsArrayError(InvalidDataError, TypeError):
    """Report that a `Stream` was given to what wants all rows in one array."""


class NotFittedError(GlassnetError, ValueError, AttributeError):
    """Report that a method needs a fitted network and `fit` has not run."""


class DivergedError(GlassnetError, FloatingPointError, ValueError):
    """Report that training reached NaN or infinity.

    Parameters
    ----------
    message : str
        What happened and what to change.
    epoch, step : int
        Where it was first seen; both count from 1, steps within the epoch.
    layer : int
        The first layer whose values are not finite; 1 is the first hidden layer.
    """

    def __init__(self, message: str, *, epoch: int, step: int, layer: int) -> None:
        super().__init__(message)
        self.epoch = epoch
        self.step = step
        self.layer = layer

    def __reduce__(self) -> tuple[object, ...]:
        """Let the error travel between processes with all it knows."""
        return _rebuild_diverged, (str(self), self.epoch, self.step, self.layer)


def _rebuild_diverged(message: str, epoch: int, step: int, layer: int) -> DivergedError:
    return DivergedError(message, epoch=epoch, step=step, layer=layer)


class MissingPackageError(GlassnetError, ImportError):
    """Report a missing package that glassnet needs for one thing only; the message says how to get it."""


class StudyError(GlassnetError, RuntimeError):
    """Report that a study could not go on."""


class FileError(GlassnetError, OSError):
    """Report a file or folder that could not be read or written."""


class DataFileError(FileError):
    """Report a data or model file that is damaged or is not what it claims to be."""


class RunFolderError(FileError):
    """Report a study's run folder that is damaged or was made with other settings."""


class DamagedRunError(RunFolderError):
    """Report what a run folder holds in the place of what the run wrote.

    Attributes
    ----------
    what : str
        Which file, and why; the message adds what helps.
    """

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}. Give the command that made the run once more, with --repair: what does not fit is done "
            "anew, the rest is kept."
        )
        self.what = what

    def __reduce__(self) -> tuple[object, ...]:
        """Let the error travel between processes."""
        return DamagedRunError, (self.what,)
