"""The table of views."""

from collections.abc import Callable, Mapping
from typing import Any

from glassnet.studio.views.health import doctor
from glassnet.studio.views.layers import histograms, histograms_over_time, weights
from glassnet.studio.views.look import Look
from glassnet.studio.views.network import network
from glassnet.studio.views.number import number
from glassnet.studio.views.plane import surface
from glassnet.studio.views.results import cell, confusion, losses
from glassnet.studio.views.taking import Download, code, diagram, model_file, step_page
from glassnet.studio.views.trying import predict_one, whatif

View = Callable[[Look], Mapping[str, Any] | Download]

VIEWS: dict[str, View] = {
    "losses": losses,
    "confusion": confusion,
    "cell": cell,
    "network": network,
    "number": number,
    "weights": weights,
    "histograms": histograms,
    "histograms_over_time": histograms_over_time,
    "surface": surface,
    "predict": predict_one,
    "whatif": whatif,
    "doctor": doctor,
    "code": code,
    "model_file": model_file,
    "step_page": step_page,
    "diagram": diagram,
}
"""Every view, by its name in the protocol."""
