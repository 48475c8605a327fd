"""Adafactor and Muon: where three steps lead, as PyTorch 2.13 printed it."""

from __future__ import annotations

from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("Adafactor", {"lr": 0.1}, [[0.776, -1.4912], [2.1393, 0.3377], [-0.776, 1.4912]]),
        ("Adafactor", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}, [[1.2329, -2.5573], [3.954, 0.69], [-1.2329, 2.5573]]),
        ("Muon", {"lr": 0.1}, [[0.9182, -1.7564], [2.5774, 0.3949], [-0.9182, 1.7564]]),
        (
            "Muon", {"lr": 0.1, "nesterov": False, "adjust_lr_fn": "match_rms_adamw"},
            [[0.9549, -1.8876], [2.8154, 0.4594], [-0.9549, 1.8876]],
        ),
    ],
)  # fmt: skip
def test_three_steps(name: str, options: dict[str, Any], expected: list[list[float]]) -> None:
    w = torch.tensor([[1.0, -2.0], [3.0, 0.5], [-1.0, 2.0]], requires_grad=True)
    optimizer = getattr(torch.optim, name)([w], **options)
    for _ in range(3):
        optimizer.zero_grad()
        (w**2 * torch.tensor([1.0, 2.0])).sum().backward()
        optimizer.step()
    assert [[round(v, 4) for v in row] for row in w.tolist()] == expected


def test_muon_takes_matrices_only() -> None:
    with pytest.raises(ValueError, match=r"Muon only supports 2D parameters whereas we found a parameter with size: torch.Size\(\[3\]\)"):
        torch.optim.Muon([torch.zeros(3, requires_grad=True)])


def test_the_memory_of_lbfgs_has_the_order_of_pytorch() -> None:
    w = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.LBFGS([w], max_iter=3)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (w**4).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert list(optimizer.state_dict()["state"][0])[:4] == ["func_evals", "n_iter", "al", "d"]
