"""torch.serialization: torch.save and torch.load."""

from __future__ import annotations

from .archive import load, save
from .objects import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals

__all__ = ["add_safe_globals", "clear_safe_globals", "get_safe_globals", "load", "safe_globals", "save"]
