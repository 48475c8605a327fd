"""Orthogonal weights; the numbers are real PyTorch's."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()
nn, orthogonal = torch.nn, torch.nn.utils.parametrizations.orthogonal


@pytest.mark.parametrize(
    ("shape", "kind", "first", "moved"),
    [
        (
            (3, 3),
            None,
            [-0.010169, 0.558102, -0.82971, -0.999586, -0.028004, -0.006586, -0.026911, 0.8293, 0.558156],
            [-0.551953, -0.062135, -0.831557, -0.714713, 0.548972, 0.433376, 0.429574, 0.833528, -0.347415],
        ),
        (
            (3, 2),
            None,
            [-0.008239, 0.698106, -0.905702, -0.308673, -0.423835, 0.646041],
            [0.842816, 0.47422, -0.367469, 0.852553, -0.393228, 0.219704],
        ),
        (
            (2, 3),
            None,
            [-0.00762, 0.54602, -0.837738, -0.972708, -0.198337, -0.120424],
            [-0.227051, -0.08201, -0.970424, -0.168914, -0.978029, 0.122174],
        ),
        ((2, 2), "cayley", [-0.009096, 0.999959, -0.999959, -0.009096], [0.284691, 0.958619, -0.958619, 0.284691]),
        (
            (3, 2),
            "matrix_exp",
            [-0.008239, 0.698106, -0.905702, -0.308673, -0.423835, 0.646041],
            [0.458584, 0.883883, -0.645441, 0.260182, -0.610824, 0.388659],
        ),
    ],
)
def test_a_weight_stays_orthogonal(shape: tuple[int, int], kind: str | None, first: list[float], moved: list[float]) -> None:
    torch.manual_seed(0)
    layer = orthogonal(nn.Linear(shape[1], shape[0]), orthogonal_map=kind)
    assert layer.weight.flatten().tolist() == pytest.approx(first, abs=1e-5)
    original = layer.parametrizations.weight.original
    with torch.no_grad():
        original.add_(torch.arange(1.0, 1 + original.numel()).view(original.shape) * 0.1 * (original == 0))  # the diagonal has signs
    weight = layer.weight
    assert weight.flatten().tolist() == pytest.approx(moved, abs=1e-5)
    tall = weight if shape[0] >= shape[1] else weight.T
    assert torch.allclose(tall.T @ tall, torch.eye(min(shape)), atol=1e-5)
    weight.pow(2).sum().backward()
    assert original.grad is not None


def test_an_orthogonal_weight_can_be_assigned() -> None:
    layer = orthogonal(nn.Linear(2, 3), use_trivialization=False)
    layer.weight = torch.ones(3, 2)
    assert layer.weight.flatten().tolist() == pytest.approx([0.57735, 0.0, 0.57735, 0.0, 0.57735, 0.0], abs=1e-5)
    with pytest.raises(NotImplementedError, match=r"It is not possible to assign to the matrix exponential or the Cayley parametrizations"):
        orthogonal(nn.Linear(2, 2), use_trivialization=False)
    with pytest.raises(ValueError, match=r'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: qr'):
        orthogonal(nn.Linear(2, 2), orthogonal_map="qr")
