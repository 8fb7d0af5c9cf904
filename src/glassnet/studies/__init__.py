"""Studies: models trained side by side, and what their numbers say about published claims."""
