"""torch.serialization: torch.save and torch.load."""

from __future__ import annotations

from .archive import load, save

__all__ = ["load", "save"]
