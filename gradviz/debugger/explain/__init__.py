"""`explain`: what is wrong or suspicious in a run, the most probable cause first, and nothing twice.

It unites what the window says in several places: the diagnosis of the error, the alarms, the marks of the lint, PyTorch's
warnings, and leaves whose `.grad` is read and is None. What follows from something else that is told is left out.
"""

from .explanation import Explanation
from .kinds import KINDS, Kind
from .telling import explain

__all__ = ["KINDS", "Explanation", "Kind", "explain"]
