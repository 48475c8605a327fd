"""Positions for graphs: layered, deterministic, stable under edits. numpy only; no Qt."""

from .insert import insert
from .layered import Layout, layered
from .shared import SplitGraph, split_shared

__all__ = ["Layout", "SplitGraph", "insert", "layered", "split_shared"]
