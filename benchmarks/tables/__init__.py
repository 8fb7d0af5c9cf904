"""Models for tables, side by side on real ones: data frames as they are, categories and gaps included.

`catalog` has the tables, `data` their readers, `traits` what kind of table one is; `peers` what a user could
pick, `sklearn_peers` and `by_hand` how they are made; `fits` one fit in a process of its own, `run` all of
them, `results` the file they are kept in; `arithmetic` and `summary` what is computed of them, `page` and
`picture` what people see. Run it with ``python -m benchmarks.tables --help``.
"""
