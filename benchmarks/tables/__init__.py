"""Models for tables, side by side on real ones: data frames as they are, categories and gaps included.

`data` has the tables and their readers, `peers` what a user could pick, `by_hand` the peers that are installed
by hand, `fits` one fit in a process of its own, `run` all of them, `results` the file they are kept in,
`summary` the arithmetic, `page` and `picture` what people see. Run it with ``python -m benchmarks.tables --help``.
"""
