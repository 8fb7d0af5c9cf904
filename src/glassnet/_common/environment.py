"""What a result was computed with: versions, processor, BLAS."""

import platform
from importlib.metadata import version
from typing import Any

_PACKAGES = ("glassnet", "numpy", "scikit-learn", "scipy", "joblib", "matplotlib")


def describe_environment() -> dict[str, Any]:
    """Return versions, processor and BLAS libraries as values that JSON can hold."""
    from threadpoolctl import threadpool_info

    blas = [
        {key: pool[key] for key in ("internal_api", "version", "architecture", "num_threads") if key in pool}
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]
    return {
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": count_cores(),
        "blas": blas,
    }


def count_cores() -> int:
    """Return how many cores this process may use: what a container or taskset leaves of the machine's."""
    from joblib import cpu_count

    return int(cpu_count())


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
