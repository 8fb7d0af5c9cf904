"""Worked by hand: every number of a training step, and support-vector problems solved on paper."""
