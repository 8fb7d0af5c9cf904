"""The table of the doctor's checks of reported scores."""

from glassnet.doctor._judging import by_code
from glassnet.doctor.scores import checks, equal, search

CLAIM_CHECKS = by_code(
    equal.find_equal_scores,
    checks.find_score_slip,
    checks.find_impossible_scores,
    checks.find_constant_scores,
    equal.find_copied_scores,
    search.find_idle_parameters,
    checks.find_small_differences,
)
"""Every check of reported scores, by its code."""
