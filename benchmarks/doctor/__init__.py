"""How right the doctor is on data, networks and faults that its rules were not set on.

`data` has the data sets, `networks` the healthy networks, `kinds` what goes wrong with them and which
answers are right, `cases` puts the three together, `cures` tries prescriptions, `pairs` asks for
crashes, `report` counts. Run it with ``python -m benchmarks.doctor --help``.
"""
