"""Train the models of a study on a Dask cluster whose workers see the run folder.

The scheduler runs a model elsewhere when its worker dies; the model's history then starts anew.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from functools import partial

from threadpoolctl import threadpool_limits

from glassnet._common.quoting import quoted
from glassnet.errors import RunFolderError, StudyError
from glassnet.studies.base import ModelResult, ModelSpec, RunConfig, Study
from glassnet.studies.folder import RunFolder
from glassnet.studies.workers import Check, train_one

CONNECT_SECONDS = 10.0


class DaskCluster:
    """Train on a Dask cluster.

    Parameters
    ----------
    address : str
        Of the scheduler: ``tcp://10.0.0.1:8786``.

    Raises
    ------
    StudyError
        When Dask is not installed, or no scheduler with workers answers there.
    """

    in_this_process = False

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise StudyError(
                'Dask is not installed. Install it with: pip install "glassnet[dask]"'
            ) from error
        try:
            asyncio.run(_call(address))  # a client that finds nobody complains when Python ends
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise StudyError(
                f"no Dask scheduler answers at {quoted(address)}: {error}. Expected the address that "
                "`dask scheduler` prints when it starts, such as tcp://10.0.0.1:8786."
            ) from error
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError as error:
            self._client.close()
            raise StudyError(
                f"the Dask scheduler at {address} has no workers. Start some: dask worker {address}"
            ) from error
        self._address = address

    @property
    def jobs(self) -> int:
        """How many models the workers train at once."""
        return max(int(sum(self._client.ncores().values())), 1)

    def train(
        self,
        study: Study,
        config: RunConfig,
        todo: Sequence[ModelSpec],
        folder: RunFolder,
        stop: threading.Event,
    ) -> Iterator[ModelResult]:
        """Yield the models of `todo` as they finish."""
        from distributed import CancelledError, KilledWorker, as_completed

        shared = RunFolder(folder.path.absolute())
        watch = partial(_watch_task, shared, config)
        # not joblib's backend for Dask, which trains in this process where the cluster has a single core
        light = study.for_workers()
        tasks = [
            self._client.submit(train_one, light, config, spec, shared, watch, pure=False) for spec in todo
        ]
        try:
            for task in as_completed(tasks, loop=self._client.loop):
                yield task.result()
        except CancelledError as error:
            raise StudyError(
                f"the Dask scheduler at {self._address} is gone. Finished models are kept; the same command "
                "goes on from there when it is back."
            ) from error
        except KilledWorker as error:
            raise StudyError(
                "the same model's worker died again and again, perhaps for want of memory. Finished models "
                f"are kept; the same command goes on from there. Dask says: {error}"
            ) from error

    def close(self) -> None:
        """Leave the cluster; the workers stay."""
        self._client.close()

    def abandon(self) -> None:
        """Leave the cluster, which drops the models that wait; those in training end at their next epoch."""
        self._client.close()


async def _call(address: str) -> None:
    """Connect and hang up again."""
    from distributed import Security
    from distributed.comm import connect

    comm = await connect(address, timeout=CONNECT_SECONDS, **Security().get_connection_args("client"))
    await comm.close()


def _watch_task(folder: RunFolder, config: RunConfig) -> Check:
    """Watch, in a Dask worker, whether the scheduler still wants this task."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    _check_shared(folder, config)
    threadpool_limits(1)  # for good: the tasks of a worker's other threads must not see it lifted

    def check() -> None:
        task = worker.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            raise StudyError("the run that asked for this model has ended.")

    return check


def _check_shared(folder: RunFolder, config: RunConfig) -> None:
    try:
        found = folder.read_config()
    except RunFolderError:
        found = None
    if found != config:
        raise StudyError(
            f"the Dask worker on {socket.gethostname()} does not see the run in {folder.path}. The run "
            "folder has to be on a file system that all workers share, under the same path: choose one with "
            "--out."
        )
