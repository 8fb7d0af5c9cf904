"""A person's own study: described in a file or in Python, trained by the same runner as the assignment's."""
