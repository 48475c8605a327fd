"""What half precision and autocast cost where nobody asks for them, and what they leave behind."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import pytest

from engine import events, modes, torch_module

PROGRAM = """
from engine import torch_module
from engine.half import widening
from engine.optim import kernels
torch = torch_module.module()
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.Adam([w])
(w * w).sum().backward()
optimizer.step()
print(widening.on, kernels.add.__module__, hasattr(torch.nn.functional.mse_loss, "__wrapped__"))
torch.ones(2, dtype=torch.bfloat16)
print(widening.on, kernels.add.__wrapped__.__module__)
"""


@pytest.fixture
def torch() -> Any:
    return torch_module.module()


def test_nothing_is_learned_before_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["False engine.optim.kernels True", "True engine.optim.kernels"]


def test_passes_of_the_same_form_were_known_before_half_precision_began() -> None:
    program = """
from engine import torch_module
torch = torch_module.module()
for dtype in [torch.float32] * 9 + [torch.bfloat16, torch.float16]:
    x, y = (torch.full((2,), 1.5, dtype=dtype, requires_grad=True) for _ in range(2))
    (x * y * 3).sum().backward()
    print(x.grad)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    told = done.stdout.splitlines()
    assert told[-2:] == ["tensor([4.5000, 4.5000], dtype=torch.bfloat16)", "tensor([4.5000, 4.5000], dtype=torch.float16)"]


def test_autocast_leaves_no_trace(torch: Any) -> None:
    with pytest.raises(ZeroDivisionError), torch.autocast("cpu"):
        assert events.intervention is modes.autocast is not None
        1 / 0  # noqa: B018 - the block is left by an exception
    assert (modes.autocast, events.intervention) == (None, None)
    torch.autocast("cpu").__enter__()
    modes.reset()
    assert (modes.autocast, events.intervention) == (None, None)


def test_anomaly_mode_goes_on_after_autocast(torch: Any) -> None:
    with torch.autocast("cpu"):
        torch.autograd.set_detect_anomaly(True)
    assert events.intervention is not None
    torch.autograd.set_detect_anomaly(False)
    assert events.intervention is None


def test_a_function_that_was_imported_before_is_cast_too(torch: Any) -> None:
    loss = torch.nn.functional.mse_loss
    half = torch.ones(3, dtype=torch.bfloat16)
    with torch.autocast("cpu"):
        assert loss(half, half).dtype is torch.float32
    assert loss(half, half).dtype is torch.bfloat16


def test_recurrent_layers_have_the_dtypes_of_pytorch(torch: Any) -> None:
    x, found = torch.randn(3, 2, 4), {}
    for kind in ("RNN", "LSTM", "GRU"):
        layer = getattr(torch.nn, kind)(4, 3)
        with torch.autocast("cpu"):
            out = layer(x)[0]
        out.float().sum().backward()
        found[kind] = (out.dtype, layer.weight_hh_l0.grad.dtype)
    assert found == {
        "RNN": (torch.bfloat16, torch.float32), "LSTM": (torch.bfloat16, torch.float32), "GRU": (torch.float32, torch.float32),
    }  # fmt: skip


def test_the_older_name(torch: Any) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with torch.cpu.amp.autocast():
            assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.bfloat16
    assert [(w.category, str(w.message)) for w in told] == [
        (FutureWarning, "`torch.cpu.amp.autocast(args...)` is deprecated. Please use `torch.amp.autocast('cpu', args...)` instead.")
    ]


def test_what_has_no_numbers_of_bfloat16_says_so(torch: Any) -> None:
    with pytest.raises(NotImplementedError, match="\"poisson\" not implemented for 'BFloat16'"):
        torch.poisson(torch.ones(2, dtype=torch.bfloat16))
    with pytest.raises(TypeError, match="Got unsupported ScalarType BFloat16"):
        torch.ones(2, dtype=torch.bfloat16).numpy()


def test_a_double_becomes_a_half_by_way_of_a_float(torch: Any) -> None:
    above = 1 + 2**-11 + 2**-40  # nearer to the next half; but as a float it lies in the middle, and goes to the even one
    x = torch.tensor([above, 1 + 3 * 2**-11 - 2**-40], dtype=torch.float64)
    assert x.half().tolist() == [1.0, 1 + 2**-9]
    assert torch.zeros(2, dtype=torch.float16).copy_(x).tolist() == [1.0, 1 + 2**-9]
    assert [torch.tensor(above, dtype=torch.float16).item(), torch.full((), above, dtype=torch.float16).item()] == [1.0, 1.0]
