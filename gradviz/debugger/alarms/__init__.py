"""Alarms: what looks wrong in a recording, found without being asked."""

from .alarm import Alarm, Severity, Thresholds
from .find import find_alarms, searching

__all__ = ["Alarm", "Severity", "Thresholds", "find_alarms", "searching"]
