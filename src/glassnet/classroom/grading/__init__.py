"""A class graded: what was handed in is read, marked, and given back as pages and gradebooks."""
