"""torch.nn.modules: the same classes as torch.nn, for scripts that name the longer path; `engine/naming/paths.py` has its modules."""

from . import *  # noqa: F403 - all of them
from .module import Module

__all__ = ["Module"]
