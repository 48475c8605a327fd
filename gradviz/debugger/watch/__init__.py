"""Watches: expressions over names of the script, at a moment and over time."""

from .evaluate import History, evaluate, history
from .expression import Expression, WatchProblem, parse

__all__ = ["Expression", "History", "WatchProblem", "evaluate", "history", "parse"]
