"""Watches: expressions over names of the script, at a moment and over time."""

from .evaluate import History, changes, evaluate, history
from .expression import GRAMMAR, Expression, WatchProblem, parse
from .names import Names
from .values import Histogram

__all__ = ["GRAMMAR", "Expression", "Histogram", "History", "Names", "WatchProblem", "changes", "evaluate", "history", "parse"]
