"""torch.nn: layers, parameters and functions."""

from . import functional, init
from .modules import *
from .parallel import DataParallel
from .parameter import Buffer, Parameter

from . import utils  # isort: skip  - its normalisations know layers

__all__ = [name for name, value in dict(globals()).items() if isinstance(value, type)] + ["functional", "init", "utils"]
