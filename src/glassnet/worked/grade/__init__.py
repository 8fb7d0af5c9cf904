"""A sheet worked by hand, checked line by line."""
