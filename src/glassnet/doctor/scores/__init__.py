"""Scores, and what is claimed of them."""

from glassnet.doctor.scores.scores import mcnemar as mcnemar, search_slips as search_slips
