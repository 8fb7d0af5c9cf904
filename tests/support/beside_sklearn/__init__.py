"""The estimators beside scikit-learn's, on random parameters and data; ``make peers`` runs it."""
