"""Breakpoints: on a finished recording each is the list of its hits, so `continue` is a bisection and all stand on the timeline at once."""

from .breakpoint import EVENTS, KINDS, PHASES, Breakpoint, check
from .hits import Evaluated, find_hits
from .log import log_lines

__all__ = ["EVENTS", "KINDS", "PHASES", "Breakpoint", "Evaluated", "check", "find_hits", "log_lines"]
