"""Exercises with numbers of one's own for each student: made from templates, handed out, practised."""
