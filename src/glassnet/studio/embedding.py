"""A studio in a notebook: the page in a cell, on a server in the notebook's own process."""

import time
from html import escape
from types import TracebackType
from typing import Any, Self

from numpy.typing import ArrayLike

from glassnet.errors import MissingPackageError
from glassnet.models.beginning import blank, give_fitted
from glassnet.studio.parts import given_data
from glassnet.studio.session import Session

HEIGHT = 900
LOOK_EVERY = 0.05
"""Seconds between two looks at whether a training has ended."""


class EmbeddedStudio:
    """A studio that serves its page until it is closed. Make one with `open_studio`.

    Parameters
    ----------
    session : Session
    network : NeuralNetwork, MLPClassifier or MLPRegressor
        What `fit` gives the weights to.

    Attributes
    ----------
    url : str
        Of the page, for a window of its own; whoever knows it may use the studio.
    session : Session
        What is open.
    """

    def __init__(self, session: Session, network: Any) -> None:
        try:
            from glassnet.studio.serving import Serving
        except ImportError as error:
            raise MissingPackageError(
                f"{error.name}, which serves the studio, is not installed. "
                'Install it with: pip install "glassnet[studio]"'
            ) from error
        self.session, self._network = session, network
        self._serving = Serving(session)
        self._serving.start()
        self.url = self._serving.url

    @property
    def model(self) -> Any:
        """A copy of the model with the weights of the step that is shown."""
        session = self.session
        run = session.run("a")
        return run.model_of(session.moment(run))

    def fit(self) -> Any:
        """Train to the end, as fast as can be, while the page shows it; give the network what was learnt.

        It returns when training has ended, or is paused on the page; called again it goes on. The weights are
        those of the network's own `fit` with the settings that the page shows, bit for bit.

        Returns
        -------
        NeuralNetwork, MLPClassifier or MLPRegressor
            The network that was given to `open_studio`, fitted.

        Raises
        ------
        DivergedError
            When a loss is not finite; the page shows why.
        KeyboardInterrupt
            When it comes, training pauses; the network has the weights so far.
        """
        session = self.session
        session.command({"do": "seek", "run": "a", "step": session.run("a").recorder.newest})
        session.command({"do": "play", "run": "a", "speed": None})
        try:
            while session.run("a").playing:
                time.sleep(LOOK_EVERY)
        finally:
            session.command({"do": "pause", "run": "a"})
            recorder = session.run("a").recorder
            give_fitted(self._network, session.call(recorder.fitted))
        if recorder.error is not None:
            raise recorder.error
        return self._network

    def close(self) -> None:
        """End the training and the server."""
        self._serving.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<studio at {self.url}>"

    def _repr_html_(self) -> str:
        return (
            f'<iframe src="{escape(self.url)}" title="glassnet studio" width="100%" height="{HEIGHT}" '
            'style="border: 0" allow="clipboard-write"></iframe>'
        )


def open_studio(
    network: Any, X: ArrayLike, y: ArrayLike, X_val: ArrayLike | None = None, y_val: ArrayLike | None = None
) -> EmbeddedStudio:
    """Open a studio on a network and its data: in a notebook it shows itself in the cell.

    The studio trains a copy of the network, in this process, when one presses play; other cells may run
    meanwhile. `EmbeddedStudio.model` is the network as it is at the step that is shown. `EmbeddedStudio.fit`
    presses play from a cell, and gives the network itself what was learnt.

    Parameters
    ----------
    network : NeuralNetwork, MLPClassifier or MLPRegressor
        With its parameters; where it has weights, training begins with them. It stays as it is until
        `EmbeddedStudio.fit` is called.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    X_val, y_val : optional
        What losses and answers are judged by.

    Returns
    -------
    EmbeddedStudio

    Raises
    ------
    MissingPackageError
        When starlette or uvicorn is not installed: ``pip install "glassnet[studio]"``.
    InvalidParameterError, InvalidDataError
        As by the network's `fit`.

    Examples
    --------
    >>> from glassnet import NeuralNetwork
    >>> X, y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]], ["odd", "odd", "even", "even"]
    >>> with open_studio(NeuralNetwork(N=1, A=[4], batch_size=2), X, y) as studio:
    ...     studio.url.startswith("http://127.0.0.1:")
    True
    """
    names = "X, y and X_val, y_val" if X_val is not None else "X and y"
    data = given_data("your data", X, y, X_val, y_val, code=f"# {names} are those that you gave")
    theta = network.parameters_.theta.copy() if hasattr(network, "parameters_") else None
    return EmbeddedStudio(Session(data, blank(network), theta=theta), network)
