"""Train the trials of a search on a Dask cluster: this process asks and writes, and workers train.

Workers tell of their epochs by events of the scheduler. A trial that falls behind is cancelled here, and ends
at its next epoch there. The trial of a worker that dies is given to another one.
"""

import queue
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import joblib

from glassnet._common.progress import silent
from glassnet.studies._dask_cluster import DaskCluster, hold, watch_task
from glassnet.studies.search.journal import Begun, Journal, NoTrial
from glassnet.studies.search.trials import End, Outcome
from glassnet.studies.search.working import WAIT_SECONDS, Trainer, Work

TOPIC = "glassnet-search"
"""Of the events; those of other searches on the cluster come too."""


@dataclass
class _Trained:
    """Hold a trial that a worker trains: Dask's future, and the epoch that it told of last."""

    begun: Begun
    task: Any
    epoch: int = 0


def search_on_cluster(work: Work, cluster: DaskCluster, stop: threading.Event) -> None:
    """Have the workers train trial after trial, until the search is over or `stop` is set.

    Raises
    ------
    StudyError
        When the cluster is gone, a trial kills its workers, or the model refuses its settings and never took
        any.
    """
    journal, trainer = Journal(work.folder, work.rules), Trainer(work)
    client, news = cluster.client, queue.SimpleQueue[tuple[str, int, float]]()
    trained: dict[str, _Trained] = {}
    with journal.working(), cluster.telling_of_losses():
        try:
            client.subscribe_topic(TOPIC, lambda event: news.put(event[1]))
            sent = client.submit(hold, trainer, pure=False)
            while not stop.is_set():
                if len(trained) < cluster.jobs:
                    begun = journal.begin(trainer.key_of)
                    if begun is NoTrial.DONE:
                        break
                    if isinstance(begun, Begun):
                        far = replace(begun, trial=_FarTrial(begun.trial.number))
                        task = client.submit(_train_there, sent, far, pure=False)
                        trained[task.key] = _Trained(begun, task)
                        task.add_done_callback(lambda task: news.put((task.key, 0, 0.0)))
                        continue
                try:
                    key, epoch, value = news.get(timeout=WAIT_SECONDS)
                except queue.Empty:
                    continue
                if key not in trained:  # of another search, or given up
                    continue
                one = trained[key]
                outcome = _report(one, epoch, value) if epoch else one.task.result()
                if outcome is not None:
                    del trained[key]
                    journal.finish(one.begun.trial, outcome)
        finally:
            with suppress(OSError):  # where the scheduler is gone
                client.unsubscribe_topic(TOPIC)
                client.cancel([one.task for one in trained.values()])


def _report(one: _Trained, epoch: int, value: float) -> Outcome | None:
    """Report an epoch, unless a worker that died had told of it; give the trial up when it falls behind."""
    if epoch <= one.epoch:
        return None
    one.epoch = epoch
    one.begun.trial.report(value, epoch)
    if not one.begun.trial.should_prune():
        return None
    one.task.cancel()
    return Outcome(End.PRUNED, epochs=epoch)


def _train_there(trainer: Trainer, begun: Begun) -> Outcome:
    """Train a trial in a Dask worker."""
    check = watch_task()
    with silent(), joblib.parallel_config("sequential"):
        return trainer.train(begun, check)


class _FarTrial:
    """A trial in a Dask worker, which tells of its epochs and is cancelled from afar."""

    def __init__(self, number: int) -> None:
        self.number = number

    def report(self, value: float, step: int) -> None:
        from distributed import get_worker

        worker = get_worker()
        worker.log_event(TOPIC, (worker.get_current_task(), step, float(value)))

    def should_prune(self) -> bool:
        return False
