"""torch.nn: what the files of this package list in `__all__`."""

from . import functional, init
from .activation import *
from .adaptive import *
from .attention import *
from .cells import *
from .containers import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from .conv import *
from .dropout import *
from .embedding import *
from .lazy import *
from .linear import *
from .loss import *
from .module import Module
from .normalization import *
from .padding import *
from .parallel import DataParallel
from .parameter import Buffer, Parameter
from .pooling import *
from .recurrent import GRU, LSTM, RNN, RNNBase
from .reshaping import *
from .transformer import *

from . import utils  # isort: skip  - its normalisations know layers

__all__ = [name for name, value in dict(globals()).items() if isinstance(value, type)] + ["functional", "init", "utils"]
