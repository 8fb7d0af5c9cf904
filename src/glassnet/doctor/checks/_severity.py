"""How bad a finding is that depends on what became of the network."""

from glassnet.doctor.measure.probe import Probe


def hindered(probe: Probe) -> str:
    """Return the severity of what hinders learning: high, or medium where the network has learnt."""
    return "medium" if probe.has_learnt else "high"
