"""Two runs against each other: `RunComparison(a, b)`, curves of a parameter in both."""

from .alignment import Alignment, align
from .comparison import Extra, NodeDifference, RunComparison, Spot
from .curves import Curves, curves_of, parameters
from .report import plain, report
from .texts import change_of_text
from .values import relative

__all__ = [
    "Alignment", "Curves", "Extra", "NodeDifference", "RunComparison", "Spot",
    "align", "change_of_text", "curves_of", "parameters", "plain", "relative", "report",
]  # fmt: skip
