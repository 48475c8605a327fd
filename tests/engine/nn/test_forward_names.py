"""Layers name their inputs as PyTorch does: they take them by name, and Python's errors tell them."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module
from engine.nn.modules.module import register_module_forward_hook

torch = torch_module.module()
nn = torch.nn


def test_inputs_by_name() -> None:
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 2.0])
    assert nn.MSELoss()(input=x, target=y).item() == 2.0
    assert nn.ReLU()(input=-x).tolist() == [0.0, 0.0]
    assert nn.CosineSimilarity(dim=0)(x1=x, x2=x).item() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("layer", "args", "text"),
    [
        (nn.MSELoss(), 1, "MSELoss.forward() missing 1 required positional argument: 'target'"),
        (nn.CrossEntropyLoss(), 3, "CrossEntropyLoss.forward() takes 3 positional arguments but 4 were given"),
        (nn.TripletMarginLoss(), 2, "TripletMarginLoss.forward() missing 1 required positional argument: 'negative'"),
        (nn.CTCLoss(), 2, "CTCLoss.forward() missing 2 required positional arguments: 'input_lengths' and 'target_lengths'"),
        (nn.ReLU(), 0, "ReLU.forward() missing 1 required positional argument: 'input'"),
        (nn.Dropout(), 2, "Dropout.forward() takes 2 positional arguments but 3 were given"),
        (nn.MaxPool2d(2), 0, "MaxPool2d.forward() missing 1 required positional argument: 'input'"),
        (nn.Conv2d(1, 1, 1), 0, "Conv2d.forward() missing 1 required positional argument: 'input'"),
        (nn.LSTM(2, 2), 4, "LSTM.forward() takes from 2 to 3 positional arguments but 5 were given"),
    ],
    ids=repr,
)
def test_errors_of_a_call(layer: Any, args: int, text: str) -> None:
    with pytest.raises(TypeError) as raised:
        layer(*[torch.ones(2)] * args)
    assert str(raised.value) == text


def test_a_hook_on_all_modules() -> None:
    seen: list[str] = []
    handle = register_module_forward_hook(lambda *call: seen.append(type(call[0]).__name__))
    try:
        nn.Sequential(nn.Linear(2, 2), nn.ReLU())(torch.ones(1, 2))
    finally:
        handle.remove()
    nn.ReLU()(torch.ones(1))
    assert seen == ["Linear", "ReLU", "Sequential"]


def test_a_step_between_forward_and_backward_is_told_with_pytorchs_versions() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    x = torch.ones(1, 2)
    first, second = net(x), net(x) * 2
    first.sum().backward()
    optimizer.step()
    with pytest.raises(RuntimeError) as raised:
        second.sum().backward()
    told = "[torch.FloatTensor [3, 1]], which is output 0 of AsStridedBackward0, is at version 2; expected version 1 instead."
    assert told.replace("Backward0", "") in str(raised.value)
    assert [p._version for p in nn.GRU(1, 1).parameters()] == [1] * 4 and nn.Parameter(x)._version == 0
