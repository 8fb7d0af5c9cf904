"""The sheets of an exercise: for students with places for their answers, and with the solution."""
