"""The table of kinds."""

from glassnet.classroom.kinds.base import Kind
from glassnet.classroom.kinds.gradient_check import GradientCheck
from glassnet.classroom.kinds.hard_margin import HardMargin
from glassnet.classroom.kinds.margin import Margin
from glassnet.classroom.kinds.network import Network
from glassnet.classroom.kinds.slip import WhichSlip

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (Network(), GradientCheck(), Margin(), HardMargin(), WhichSlip())
}
"""What an exercise may be of, by the word ``kind`` of a template."""
