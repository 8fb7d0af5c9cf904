"""Train the models of a study on a Dask cluster.

The scheduler runs a model elsewhere when its worker dies; the model's history then starts anew. Workers that
see the run folder write there; the files of the others come back by the scheduler.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from glassnet._common.quoting import quoted
from glassnet.errors import RunFolderError, StudyError
from glassnet.studies.base import RunConfig, Study
from glassnet.studies.folder import RunFolder
from glassnet.studies.workers import Check, Key, Order, train_one

CONNECT_SECONDS = 10.0
AHEAD, LEAST_AHEAD = 4, 64
"""How many models wait at the scheduler: so many for each core, and no fewer than that."""


Sent = TypeVar("Sent")


class Unwanted(Exception):
    """End a training that nobody waits for any more."""


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
    client: Any
    """Dask's."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise StudyError(
                'Dask is not installed. Install it with: pip install "glassnet[dask]"'
            ) from error
        try:
            asyncio.run(_call(address))  # a client that finds nobody complains when Python ends
            self.client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise StudyError(
                f"no Dask scheduler answers at {quoted(address)}: {error}. Expected the address that "
                "`dask scheduler` prints when it starts, such as tcp://10.0.0.1:8786."
            ) from error
        try:
            self.client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError as error:
            self.client.close()
            raise StudyError(
                f"the Dask scheduler at {address} has no workers. Start some: dask worker {address}"
            ) from error
        self._address = address

    @property
    def jobs(self) -> int:
        """How many models the workers train at once."""
        try:
            return max(int(sum(self.client.ncores().values())), 1)
        except OSError as error:
            raise self._is_gone() from error

    def train(self, orders: Sequence[Order], stop: threading.Event) -> Iterator[Key]:
        """Yield the models as they finish."""
        from distributed import as_completed

        # not joblib's backend for Dask, which trains in this process where the cluster has a single core
        studies = {order.run: order.study for order in orders}
        sent = {run: self.client.submit(hold, study, pure=False) for run, study in studies.items()}
        folders = {order.run: order.folder for order in orders}
        waiting = iter(orders)

        def submit(n: int) -> list[Any]:
            return [
                self.client.submit(_train_there, sent[order.run], replace(order, study=None), pure=False)
                for order in islice(waiting, n)
            ]

        with self.telling_of_losses():
            # of a million models, the scheduler holds those that its workers get to soon
            tasks = as_completed(submit(max(LEAST_AHEAD, AHEAD * self.jobs)), loop=self.client.loop)
            for task in tasks:
                key, files = task.result()
                task.release()  # or it is trained again when the worker that holds its result dies
                if files:
                    folders[key[0]].unpack_model(key[1], files)
                yield key
                tasks.update(submit(1))

    @contextmanager
    def telling_of_losses(self) -> Iterator[None]:
        """Say in a `StudyError` that the scheduler is gone, or that what is trained kills its workers."""
        from distributed import CancelledError, KilledWorker
        from distributed.comm import CommClosedError

        try:
            yield
        except (CancelledError, CommClosedError) as error:
            raise self._is_gone() from error
        except KilledWorker as error:
            raise StudyError(
                "the same model's worker died again and again, perhaps for want of memory. What is finished "
                f"is kept; the same command goes on from there. Dask says: {error}"
            ) from error

    def _is_gone(self) -> StudyError:
        return StudyError(
            f"the Dask scheduler at {self._address} is gone. What is finished is kept; the same command goes "
            "on from there when it is back."
        )

    def close(self) -> None:
        """Leave the cluster; the workers stay."""
        self.client.close()

    def abandon(self) -> None:
        """Leave the cluster, which drops the models that wait; those in training end at their next epoch."""
        self.client.close()


async def _call(address: str) -> None:
    """Connect and hang up again."""
    from distributed import Security
    from distributed.comm import connect

    comm = await connect(address, timeout=CONNECT_SECONDS, **Security().get_connection_args("client"))
    await comm.close()


def hold(sent: Sent) -> Sent:
    """Send something once: workers give it to each other, and it is sent again when they lose it."""
    return sent


def _train_there(study: Study, order: Order) -> tuple[Key, dict[str, bytes]]:
    """Train a model in a Dask worker; return its files too, if the worker does not see the run folder."""
    name, config = order.spec.name, order.config
    if _sees(order.folder, config):
        if order.folder.is_finished(name):  # and its worker died before it said so
            return order.key, {}
        train_one(study, config, order.spec, order.folder, watch_task)
        return order.key, {}
    if order.reads_others:
        raise StudyError(
            f"the Dask worker on {socket.gethostname()} does not see the run in {order.folder.path}, and "
            f"{config.study} reads the models of other studies beside it. The run folder has to be on a file "
            "system that all workers share, under the same path: choose one with --out."
        )
    with TemporaryDirectory(prefix="glassnet-") as place:
        folder = RunFolder(Path(place) / config.study)
        folder.claim(config)
        train_one(study, config, order.spec, folder, watch_task)
        return order.key, folder.pack_model(name)


def watch_task() -> Check:
    """Watch, in a Dask worker, whether the scheduler still wants this task."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    threadpool_limits(1)  # for good: the tasks of a worker's other threads must not see it lifted

    def check() -> None:
        task = worker.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            raise Unwanted

    return check


def _sees(folder: RunFolder, config: RunConfig) -> bool:
    try:
        return folder.read_config() == config
    except RunFolderError:
        return False
