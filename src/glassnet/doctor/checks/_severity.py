"""How bad a finding is that depends on what became of the network."""

from glassnet.doctor.findings import Severity
from glassnet.doctor.measure.probe import Probe


def hindered(probe: Probe) -> Severity:
    """Return the severity of what hinders learning: high, or medium where nothing is missing."""
    return Severity.HIGH if probe.falls_short else Severity.MEDIUM


def felt(probe: Probe) -> Severity:
    """Return the severity of what many sound networks have too: high, or low where nothing is missing."""
    return Severity.HIGH if probe.falls_short else Severity.LOW
