"""Try the cures, and measure on rows that nobody saw how much of the harm they win back."""

import traceback
import warnings

import numpy as np

from glassnet.doctor import treat
from glassnet.doctor.diagnosis import Diagnosis

from .cases import Outcome, Patient
from .kinds import KINDS, fall

HALF = 0.5
LEAST = 0.02
"""Where the healthy twin is no more than this better on clean rows, there is nothing to win back."""


def can_be_won_back(outcome: Outcome, patient: Patient) -> bool:
    """Whether the fault lies in the network or its training data, and shows on clean rows."""
    one = KINDS[outcome.kind]
    return one.harm is fall and one.family != "test" and patient.twin_clean - patient.score_clean > LEAST


def try_cure(patient: Patient, diagnosis: Diagnosis, outcome: Outcome) -> None:
    """Write into an outcome what the first cure that can be tried did; nothing when there is none."""
    if not any(finding.cure.can_be_tried for finding in diagnosis.findings):
        return
    rows = patient.case.rows
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            treatment = treat(
                diagnosis, patient.model, rows.X, rows.y, X_test=rows.X_clean, y_test=rows.y_clean
            )
    except Exception:
        outcome.crash = "treat: " + traceback.format_exc(limit=-3)
        return
    outcome.cure = f"{treatment.finding.code}: {treatment.cure}"
    outcome.treatment = treatment.outcome
    if can_be_won_back(outcome, patient):
        least = 0.0 if patient.case.task == "classification" else -1.0  # as `networks.score` cuts it
        after = float(np.mean(np.maximum(treatment.scores_after, least)))  # of three seeds, as it is judged
        outcome.won_back = (after - patient.score_clean) / (patient.twin_clean - patient.score_clean)
