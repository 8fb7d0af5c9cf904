"""Leave the module of compiled kernels out where Numba, which it is written in, is not installed."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("numba") else ["src/glassnet/compiled.py"]
