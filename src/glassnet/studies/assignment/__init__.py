"""The studies of the assignment, and every number that it published."""
