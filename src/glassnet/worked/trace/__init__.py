"""A training step, line by line."""
