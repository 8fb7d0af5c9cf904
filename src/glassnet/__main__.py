"""Run the command line as ``python -m glassnet``."""

from glassnet.cli import main

main()
