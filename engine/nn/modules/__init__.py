"""torch.nn.modules: what the files of this package list in `__all__`; `engine/naming/paths.py` has the longer paths that PyTorch gives them."""

from .activation import *
from .adaptive import *
from .attention import *
from .cells import *
from .container import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from .conv import *
from .dropout import *
from .embedding import *
from .lazy import *
from .linear import *
from .loss import *
from .module import Module
from .normalization import *
from .padding import *
from .pooling import *
from .reshaping import *
from .rnn import GRU, LSTM, RNN, RNNBase
from .transformer import *

__all__ = [name for name, value in dict(globals()).items() if isinstance(value, type)]
