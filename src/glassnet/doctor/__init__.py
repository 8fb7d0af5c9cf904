"""The doctor: why a network does not learn, and why a score cannot be right."""
