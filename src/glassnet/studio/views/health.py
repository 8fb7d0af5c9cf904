"""What the doctor says of a run."""

from typing import Any

from glassnet.studio.settings import settings_of
from glassnet.studio.views.look import Look


def doctor(look: Look) -> dict[str, Any]:
    """Return the findings as of the step examined last; a newer one is examined in the background."""
    session, run = look.session, look.run
    newest = session.moment(run, run.recorder.newest)
    keys = {each.key for each in session.runs.values()}
    found = session.doctor.ask(
        run.key,
        keys,
        newest.step,
        lambda: run.model_of(newest),
        run.data,
        training=any(each.playing for each in session.runs.values()),
    )
    if found is None:
        return {"findings": [], "as_of_step": None, "trouble": session.doctor.trouble}
    known = settings_of(run.model, run.fit_settings)
    findings = [finding | {"changes": _changes(finding["changes"], known)} for finding in found.findings]
    return {"findings": findings, "as_of_step": found.step, "trouble": session.doctor.trouble}


def _changes(parameters: dict[str, Any] | None, known: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a branch changes to try a cure; None where it is none of the settings."""
    changes = {name: value for name, value in (parameters or {}).items() if name != "N"}
    return changes if changes and changes.keys() <= known.keys() else None
