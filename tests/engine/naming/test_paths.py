"""Scripts may name what they import by PyTorch's longer paths, and by the words of old PyTorch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine import torch_module

torch = torch_module.module()
ROOT = Path(__file__).resolve().parents[3]

IMPORTS = """
from torch.autograd.gradcheck import gradcheck
from torch.autograd.variable import Variable
from torch.distributions.categorical import Categorical
from torch.distributions.exp_family import ExponentialFamily
from torch.distributions.kl import kl_divergence
from torch.distributions.multivariate_normal import MultivariateNormal
from torch.distributions.normal import Normal
from torch.distributions.relaxed_categorical import RelaxedOneHotCategorical
from torch.distributions.utils import broadcast_all, probs_to_logits
from torch.functional import einsum, stft
from torch.jit import script
from torch.nn.common_types import _size_2_t
from torch.nn.grad import conv2d_weight
from torch.nn.modules.activation import MultiheadAttention
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.loss import _Loss, _WeightedLoss
from torch.nn.modules.rnn import RNNBase
from torch.nn.modules.utils import _pair
from torch.nn.parallel import DataParallel
from torch.nn.utils.clip_grad import clip_grad_norm_
from torch.nn.utils.convert_parameters import parameters_to_vector
from torch.nn.utils.spectral_norm import spectral_norm
from torch.nn.utils.stateless import functional_call
from torch.nn.utils.weight_norm import weight_norm
from torch.optim.adam import Adam
from torch.optim.adamw import AdamW
from torch.optim.lbfgs import LBFGS
from torch.optim.sgd import SGD
from torch.types import Device
from torch.utils.hooks import RemovableHandle
import torch, torch.backends.cudnn as cudnn, torch.nn as nn
print(Adam is torch.optim.Adam, Normal is torch.distributions.Normal, MultiheadAttention is nn.MultiheadAttention)
print(isinstance(nn.Conv2d(1, 1, 1), _ConvNd), isinstance(nn.BatchNorm1d(1), _BatchNorm), isinstance(nn.GRU(1, 1), RNNBase))
print(isinstance(nn.CrossEntropyLoss(), _Loss), _WeightedLoss(torch.ones(2)).weight, _Loss(reduction="sum").reduction, _pair(3))
print(torch.nn.modules.conv._ConvNd is _ConvNd, clip_grad_norm_ is nn.utils.clip_grad_norm_, cudnn.is_available())
print(DataParallel(nn.Linear(2, 1)), script(len)([1]))
"""


def test_imports_by_longer_paths(tmp_path: Path) -> None:
    script = tmp_path / "imports.py"
    script.write_text(IMPORTS, encoding="utf-8")
    done = subprocess.run([sys.executable, ROOT / "main.py", "run", script], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "True True True",
        "True True True",
        "True tensor([1., 1.]) sum (3, 3)",
        "True True False",
        "DataParallel(",
        "  (module): Linear(in_features=2, out_features=1, bias=True)",
        ") 1",
    ]


def test_a_variable_is_the_tensor_without_its_history() -> None:
    variable = torch.autograd.Variable
    x = torch.ones(2, requires_grad=True) * 2
    made = variable(x)
    assert (made.requires_grad, type(made), isinstance(x, variable)) == (False, torch.Tensor, True)
    made[0] = 5
    assert x.tolist() == [5, 2]
    assert variable(torch.ones(2), requires_grad=True).requires_grad
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got float"):
        variable(3.0)


def test_a_size_gives_memory_of_that_size() -> None:
    x = torch.ones(2, 3)
    assert x.new(x.size()).shape == torch.Tensor(x.shape).shape == torch.FloatTensor(x.size()).shape == (2, 3)
    assert x.new([2, 3]).tolist() == [2, 3]


def test_the_old_way_to_say_the_default_dtype() -> None:
    try:
        with pytest.warns(UserWarning, match=r"set_default_tensor_type\(\) is deprecated"):
            torch.set_default_tensor_type(torch.DoubleTensor)
        assert torch.ones(1).dtype == torch.float64
        torch.set_default_tensor_type("torch.FloatTensor")
        assert torch.ones(1).dtype == torch.float32
    finally:
        torch.set_default_dtype(torch.float32)


def test_asarray_shares_copies_and_cuts_off() -> None:
    x = torch.ones(2, requires_grad=True) * 2
    assert torch.asarray(x, copy=True).data_ptr() != x.data_ptr()
    assert torch.asarray(x, requires_grad=False).requires_grad is False
    assert torch.asarray([1.0], requires_grad=True).requires_grad
    assert torch.ones(1).cfloat().dtype == torch.complex64
