"""The table of views."""

from collections.abc import Callable
from typing import Any

from glassnet.studio.views.look import Look
from glassnet.studio.views.network import network
from glassnet.studio.views.results import cell, confusion, losses

View = Callable[[Look], dict[str, Any]]

VIEWS: dict[str, View] = {
    "losses": losses,
    "confusion": confusion,
    "cell": cell,
    "network": network,
}
"""Every view, by its name in the protocol."""
