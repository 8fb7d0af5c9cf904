"""The kinds of exercises: how their numbers are drawn, and which lines lead to their answers."""
