"""Positions for graphs: layered, deterministic, stable under edits. numpy only; no Qt."""

from .layered import Layout, layered
from .shared import SplitGraph, split_shared

__all__ = ["Layout", "SplitGraph", "layered", "split_shared"]
