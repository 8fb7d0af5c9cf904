"""Checks of the settings of a training: what is tried with one of them changed, not guessed.

Short trainings with a setting and without it, on samples that are held out, tell whether it is to blame.
"""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.checks.training import find_small_rate
from glassnet.doctor.findings import Cure, Severity, Symptom, short, show_score
from glassnet.doctor.measure.probe import Probe
from glassnet.doctor.measure.trials import Trial
from glassnet.nn.optimizers import SGD, Adam
from glassnet.nn.schedules import SCHEDULES

LEAST_ALPHA, LEAST_DROPOUT, LEAST_MOMENTUM = 0.01, 0.25, 0.95
LARGEST_CLIP = 0.5
LARGE_SHARE, FEW_UPDATES, FEW_EPOCHS = 0.3, 600, 10
SORTED = 0.5
DECAYED = 0.1
NEARLY_AS_WELL = 0.01


def _blame(probe: Probe, name: str, control: Trial | None, **change: Any) -> Trial | None:
    """Train shortly with one setting changed; return the training when it wins back what the model lacks.

    It begins anew, and where that does not do, from where the model is. It has to outdo a training without
    the change too, unless that does well for a while, and what it does wrong takes longer to show.
    """
    anew = probe.trial(name, replace(probe.own_trial.recipe, **change))
    if probe.heals(anew, beside=control):
        return anew
    onward = probe.onward(f"{name}, continued", **change)
    return onward if onward is not None and probe.heals(onward, beside=probe.continued) else None


def _rate_is_to_blame(probe: Probe, healed: Trial) -> bool:
    """Say whether a smaller learning rate alone does as well as a training that heals.

    Adam multiplies its weight decay with the rate, and divides by averages that lag behind long steps: where
    the rate is far too large, both look guilty.
    """
    slower = [trial for factor, trial in probe.by_rate.items() if factor < 1]
    return any(trial.score >= healed.score - NEARLY_AS_WELL and probe.heals(trial) for trial in slower)


def _setting(probe: Probe, text: str, parameters: dict[str, Any]) -> Cure:
    """Return a cure by parameters of the optimiser; where the class has no such ones, by words alone."""
    view = probe.view
    known = view.names.values() if view.library else view.model.get_params(deep=False)
    return Cure(text, parameters if set(parameters) <= set(known) else {})


@check(
    code="strong-penalty",
    severity=Severity.HIGH,
    question="Does the penalty leave the weights room?",
    rule=(
        f"the penalty, alpha or weight decay, is at least {LEAST_ALPHA:g}, and a short training without it "
        "wins back much of what is missing"
    ),
)
def find_strong_penalty(probe: Probe) -> Symptom | None:
    """Find a penalty that keeps the network from learning."""
    optimizer, alpha = probe.view.optimizer, probe.view.alpha / probe.view.alpha_unit
    decay = float(getattr(optimizer, "weight_decay", 0.0))
    if not probe.falls_short or max(alpha, decay) < LEAST_ALPHA:
        return None
    free = replace(optimizer, weight_decay=0.0) if decay else optimizer  # type: ignore[type-var]
    without = _blame(probe, "no penalty", probe.continued, alpha=0.0, optimizer=free)
    if without is None or (decay > alpha and _rate_is_to_blame(probe, without)):
        return None
    name = probe.view.names["alpha"] if alpha >= decay else "weight_decay"
    return Symptom(
        f"The penalty is too strong: {name} = {short(max(alpha, decay))}.",
        f"score {show_score(probe.own_score)}; after a short training without it {without.score:.3f}",
        "The penalty pulls every weight towards 0, in every step. As strong as here it pulls harder than the "
        "loss, and the network stays near the answer that does not look at its input. It is there to keep "
        "weights from growing that nothing asks for, and is usually between 0.0001 and 0.01.",
        _setting(probe, "Lower the penalty.", {name: 0.0 if name == "weight_decay" else 0.0001}),
    )


@check(
    code="strong-dropout",
    severity=Severity.HIGH,
    question="Does dropout leave the network enough?",
    rule=(
        f"dropout is at least {LEAST_DROPOUT:g}, and a short training without wins back much of what is "
        "missing"
    ),
    source="Srivastava et al. (2014): 0.5 for hidden layers of hundreds of units",
)
def find_strong_dropout(probe: Probe) -> Symptom | None:
    """Find dropout that keeps the network from learning."""
    rate = probe.view.dropout
    if not probe.falls_short or rate < LEAST_DROPOUT:
        return None
    without = _blame(probe, "no dropout", probe.continued, dropout=0.0)
    if without is None:
        return None
    return Symptom(
        f"Dropout is too strong: {rate:.0%} of the units are dropped in every step.",
        f"score {show_score(probe.own_score)}; after a short training without it {without.score:.3f}",
        "Dropout switches units off at random, so that none relies on a single other. Of a small layer it "
        "leaves too little to learn with, and every layer that drops multiplies the noise. It pays in "
        "networks of many units, trained long.",
        Cure("Leave dropout out, or make the layers wider.", {probe.view.names["dropout"]: 0.0}),
    )


@check(
    code="large-momentum",
    severity=Severity.HIGH,
    question="Does the momentum let go of old gradients?",
    rule=f"momentum is at least {LEAST_MOMENTUM:g}, and a short training with 0.9 or none wins back much",
)
def find_large_momentum(probe: Probe) -> Symptom | None:
    """Find a momentum so near to 1 that old gradients never fade."""
    optimizer = probe.view.optimizer
    if not isinstance(optimizer, SGD) or optimizer.momentum < LEAST_MOMENTUM or not probe.falls_short:
        return None
    names = probe.view.names
    for momentum in (0.9, 0.0):
        calmer = replace(optimizer, momentum=momentum, nesterov=optimizer.nesterov and momentum > 0)
        better = _blame(probe, f"momentum {momentum}", None, optimizer=calmer)
        if better is not None:
            return Symptom(
                f"The momentum {short(optimizer.momentum)} is too large.",
                f"score {show_score(probe.own_score)}; after a short training with {momentum:g} "
                f"{better.score:.3f}",
                "With momentum a step is the sum of all gradients so far, each faded by that factor from "
                f"step to step: of the size of {1 / max(1 - optimizer.momentum, 1e-9):,.0f} gradients where "
                "they agree. So near to 1 old gradients outweigh the new one, the network rushes past "
                "every minimum and cannot turn.",
                Cure("Lower it.", {names["momentum"]: momentum} if "momentum" in names else {}),
            )
    return None


@check(
    code="tight-clipping",
    severity=Severity.HIGH,
    question="Are gradients cut too short?",
    rule=(
        f"gradients are cut to a norm of {LARGEST_CLIP:g} or less, and a short training without wins back "
        "much"
    ),
)
def find_tight_clipping(probe: Probe) -> Symptom | None:
    """Find a largest gradient norm that leaves no step."""
    limit = probe.view.max_gradient_norm
    if limit is None or limit > LARGEST_CLIP or not probe.falls_short:
        return None
    without = _blame(probe, "no clipping", probe.own_trial, max_gradient_norm=None)
    if without is None:
        return None
    return Symptom(
        f"Gradients are cut to a norm of {short(limit)}, which leaves next to no step.",
        f"score {show_score(probe.own_score)}; after a short training without it {without.score:.3f}",
        "Cutting long gradients guards against a single wild step. With a limit below the usual norm every "
        "step is cut, and all of them are as long as the limit and the learning rate make them.",
        Cure("Raise the limit, or leave it out.", {probe.view.names["max_gradient_norm"]: None}),
    )


@check(
    code="odd-optimizer",
    severity=Severity.HIGH,
    question="Do the constants of the optimiser do what they are for?",
    rule="with the usual constants of Adam (0.9, 0.999, 1e-8) a short training wins back much",
    source="Kingma and Ba (2015): the constants",
)
def find_odd_optimizer(probe: Probe) -> Symptom | None:
    """Find constants of Adam that keep it from learning."""
    optimizer, usual = probe.view.optimizer, Adam()
    if not isinstance(optimizer, Adam) or not probe.falls_short:
        return None
    odd = {
        field.name: getattr(optimizer, field.name)
        for field in fields(Adam)
        if field.name != "weight_decay" and getattr(optimizer, field.name) != getattr(usual, field.name)
    }
    if not odd:
        return None
    better = _blame(
        probe,
        "usual constants",
        probe.own_trial,
        optimizer=replace(usual, weight_decay=optimizer.weight_decay),
    )
    if better is None or _rate_is_to_blame(probe, better):
        return None
    shown = ", ".join(f"{name} = {short(value)}" for name, value in odd.items())
    return Symptom(
        f"Adam does not learn with {shown}.",
        f"score {show_score(probe.own_score)}; after a short training with the usual constants "
        f"{better.score:.3f}",
        "beta_1 and beta_2 say for how many steps Adam averages gradients and their squares, and epsilon "
        "keeps it from dividing by 0. A large epsilon makes every step as short as the gradient is small; "
        "averages that hardly fade never catch up.",
        _setting(probe, "Leave them as they are by default.", {name: getattr(usual, name) for name in odd}),
    )


@check(
    code="unshuffled-batches",
    severity=Severity.HIGH,
    question="Does a batch hold a bit of everything?",
    rule=(
        f"the samples are not shuffled, the label changes from row to row less than {SORTED:.0%} as often "
        "as by chance, and a short training that shuffles wins back much"
    ),
)
def find_unshuffled(probe: Probe) -> Symptom | None:
    """Find sorted labels that are trained on in their order."""
    if probe.view.shuffles or not probe.view.trains_by_steps or not probe.falls_short:
        return None
    if _disorder(probe) > SORTED:
        return None
    better = _blame(probe, "shuffled", probe.continued, shuffles=True)
    if better is None:
        return None
    return Symptom(
        "The samples are sorted by their labels, and are not shuffled.",
        f"score {show_score(probe.own_score)}; after a short training that shuffles {better.score:.3f}",
        "Every batch holds samples of one kind. The network learns to answer that kind whatever it is given, "
        "and unlearns it with the next batch; in the end it knows the last kind best.",
        Cure("Shuffle the samples in every epoch.", {probe.view.names["shuffle"]: True}),
    )


def _disorder(probe: Probe) -> float:
    """Return how often the answer changes from row to row, relative to rows in random order."""
    y = probe.samples.y
    assert y is not None
    if probe.codes is not None:
        changes = float((np.diff(probe.codes) != 0).mean()) if len(probe.codes) > 1 else 1.0
        shares = np.bincount(probe.codes) / len(probe.codes)
        return changes / max(1 - float((shares**2).sum()), 1e-9)
    steps = np.square(np.diff(y, axis=0), dtype=np.float64).mean()
    return float(steps / max(2 * float(y.var(axis=0, dtype=np.float64).mean()), 1e-300))


@check(
    code="few-steps",
    severity=Severity.HIGH,
    question="Does an epoch make steps enough?",
    rule=(
        f"a batch holds {LARGE_SHARE:.0%} of the samples or more, {FEW_EPOCHS} epochs or more took fewer "
        f"than {FEW_UPDATES} steps, and a short training with batches of 32 wins back much of what is "
        "missing"
    ),
)
def find_few_steps(probe: Probe) -> Symptom | None:
    """Find batches so large that an epoch is one step or two."""
    view, n = probe.view, len(probe.samples)
    batch = min(view.batch_size, n)
    if not view.trains_by_steps or not probe.falls_short or probe.theta is None:
        return None
    if batch < LARGE_SHARE * n or batch <= 32 or probe.n_steps >= FEW_UPDATES:
        return None
    if len(probe.losses) < FEW_EPOCHS:
        return None
    better = probe.trial("batch 32", replace(probe.own_trial.recipe, batch_size=32))
    if not probe.heals(better):
        return None
    return Symptom(
        f"Training took {probe.n_steps} steps: a batch holds {batch:,} of {n:,} samples.",
        f"{-(-n // batch)} steps an epoch, {len(probe.losses)} epochs",
        "An epoch makes as many steps as there are batches. With batches of nearly all samples it makes one, "
        "however long that takes, and the weights have hardly moved when the epochs are used up. Small "
        "batches make many steps of about the same direction.",
        Cure("Take smaller batches.", {view.names["batch_size"]: 32}),
    )


@check(
    code="decayed-rate",
    severity=Severity.HIGH,
    question="Has the schedule left any learning rate?",
    rule=(
        f"the schedule has brought the learning rate below {DECAYED:g} of the first one (on average, where "
        "it is a function of time, which may end at 0), and a short training with the first, from the "
        "beginning or from where it ended, wins back much"
    ),
)
def find_decayed_rate(probe: Probe) -> Symptom | None:
    """Find a schedule that has decayed to nothing before anything was learnt."""
    view = probe.view
    if view.schedule == SCHEDULES["constant"] or not probe.falls_short or probe.theta is None:
        return None
    over_time, first = view.schedule.over_time, view.learning_rate
    last = first * view.mean_factor if over_time else view.last_learning_rate
    if last > DECAYED * first or find_small_rate(probe) is not None:
        return None
    if over_time:  # the model's own settings hold the schedule
        constant = SCHEDULES["constant"]
        anew = probe.trial("constant rate", replace(probe.own_trial.recipe, schedule=constant))
        onward = probe.onward("constant rate, continued", schedule=constant)
    else:
        anew, onward = probe.own_trial, probe.continued
    if not probe.heals(anew) and not (onward is not None and probe.heals(onward)):
        return None
    names = view.names
    return Symptom(
        f"The schedule {type(view.schedule).__name__} has used up the learning rate.",
        f"first {short(first)}, {'on average' if over_time else 'in the end'} {short(last)}",
        "A schedule lowers the rate so that training can settle. This one lowered it before there was "
        "anything to settle on: with the first rate the loss goes on falling from where training ended.",
        Cure("Keep the rate constant.", {names["schedule"]: "constant"} if "schedule" in names else {}),
    )
