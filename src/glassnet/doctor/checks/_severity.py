"""How bad a finding is that depends on what became of the network."""

from glassnet.doctor.findings import Severity
from glassnet.doctor.measure.probe import Probe


def hindered(probe: Probe) -> Severity:
    """Return the severity of what hinders learning: high, or medium where the network has learnt."""
    return Severity.MEDIUM if probe.has_learnt else Severity.HIGH
