"""Breakpoints: on a finished recording each is the list of its hits, so `continue` is a bisection and all stand on the timeline at once."""

from .breakpoint import EVENTS, KINDS, PHASES, TROUBLES, Breakpoint, check
from .hits import Evaluated, find_hits, waits_for
from .log import log_lines
from .trouble import trouble

__all__ = ["EVENTS", "KINDS", "PHASES", "TROUBLES", "Breakpoint", "Evaluated", "check", "find_hits", "log_lines", "trouble", "waits_for"]
