"""Breakpoints: on a finished recording each is the list of its hits, so `continue` is a bisection and all stand on the timeline at once."""

from .breakpoint import EVENTS, KINDS, PHASES, TROUBLES, Breakpoint, check, waits_for
from .hits import Evaluated, find_hits
from .log import log_lines
from .trouble import trouble

__all__ = ["EVENTS", "KINDS", "PHASES", "TROUBLES", "Breakpoint", "Evaluated", "check", "find_hits", "log_lines", "trouble", "waits_for"]
