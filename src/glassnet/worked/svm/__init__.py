"""Hard-margin support vector machines, in fractions."""
