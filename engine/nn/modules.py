"""torch.nn.modules: the same classes as torch.nn, for scripts that name the longer path."""

from . import *  # noqa: F403 - all of them
from . import activation, conv, dropout, linear, loss, module, normalization, padding, pooling, transformer
from . import containers as container
from . import embedding as sparse
from . import normalization as batchnorm
from . import recurrent as rnn
from .module import Module

__all__ = [
    "Module", "activation", "batchnorm", "container", "conv", "dropout", "linear", "loss", "module", "normalization", "padding", "pooling", "rnn",
    "sparse", "transformer",
]  # fmt: skip
