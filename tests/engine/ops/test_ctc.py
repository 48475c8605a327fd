"""The CTC loss against the sum over all alignments, and against what real PyTorch gave."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest

from engine import torch_module

torch = torch_module.module()
F = torch.nn.functional


def log_probs(steps: int, batch: int, classes: int, **more: Any) -> Any:
    """Some log probabilities, and the logits they come from."""
    made = torch.arange(float(steps * batch * classes)).reshape(steps, batch, classes)
    return (made.sin() * 2).double().requires_grad_(**more)


def by_all_alignments(row: list[list[float]], labels: list[int], blank: int = 0) -> float:
    """Minus the log of the probability of every sequence of classes that becomes the labels once repeats and blanks go."""
    total = 0.0
    for path in itertools.product(range(len(row[0])), repeat=len(row)):
        merged = [label for label, _ in itertools.groupby(path) if label != blank]
        if merged == labels:
            total += math.exp(sum(row[t][c] for t, c in enumerate(path)))
    return -math.log(total)


@pytest.mark.parametrize("labels", [[1], [1, 2], [1, 1], [2, 1, 2], []])
def test_it_is_the_sum_over_all_alignments(labels: list[int]) -> None:
    x = log_probs(5, 1, 3).log_softmax(2)
    loss = F.ctc_loss(x, torch.tensor([labels or [0]]), [5], [len(labels)], reduction="none")
    assert loss.item() == pytest.approx(by_all_alignments(x[:, 0].tolist(), labels), rel=1e-9)


def test_its_gradient_is_that_of_the_logits() -> None:
    targets = torch.tensor([[1, 2, 2], [3, 1, 0]])

    def loss(logits: Any) -> Any:
        return F.ctc_loss(logits.log_softmax(2), targets, torch.tensor([6, 5]), torch.tensor([3, 2]), reduction="sum")

    assert torch.autograd.gradcheck(loss, (log_probs(6, 2, 4),))


def test_batches_reductions_and_labels_one_behind_the_other() -> None:
    x = log_probs(6, 2, 4).log_softmax(2)
    many = F.ctc_loss(x, torch.tensor([[1, 2, 2], [3, 1, 0]]), [6, 5], [3, 2], reduction="none")
    flat = F.ctc_loss(x, torch.tensor([1, 2, 2, 3, 1]), torch.tensor([6, 5]), torch.tensor([3, 2]), reduction="none")
    assert many.tolist() == flat.tolist()
    mean = torch.nn.CTCLoss()(x, torch.tensor([[1, 2, 2], [3, 1, 0]]), [6, 5], [3, 2])
    assert mean.item() == pytest.approx((many[0].item() / 3 + many[1].item() / 2) / 2)
    assert str(many.grad_fn).startswith("<CtcLossBackward0") and type(mean.grad_fn).__name__ == "MeanBackward0"
    alone = F.ctc_loss(x[:, 0], torch.tensor([1, 2, 2]), torch.tensor(6), torch.tensor(3), reduction="none")
    assert alone.shape == () and alone.item() == many[0].item()


def test_labels_that_do_not_fit_are_infinite_or_nothing() -> None:
    logits = log_probs(2, 1, 3)
    x = logits.log_softmax(2)
    assert F.ctc_loss(x, torch.tensor([[1, 1]]), [2], [2]).item() == math.inf  # a blank has to stand between
    nothing = F.ctc_loss(x, torch.tensor([[1, 1]]), [2], [2], zero_infinity=True)
    nothing.backward()
    assert nothing.item() == 0 and not logits.grad.any()


@pytest.mark.parametrize(
    ("lengths", "told"),
    [
        (
            ([9], [2]),
            "Expected input_lengths to have value at most 2, but got value 9 (while checking arguments for ctc_loss_allocate_outputs)",
        ),
        (([2, 2], [2]), "input_lengths must be of size batch_size"),
        (([2], [2, 2]), "target_lengths must be of size batch_size"),
    ],
)
def test_lengths_that_do_not_fit_are_told_as_in_pytorch(lengths: tuple[list[int], list[int]], told: str) -> None:
    with pytest.raises(RuntimeError) as problem:
        F.ctc_loss(log_probs(2, 1, 3), torch.tensor([[1, 1]]), *lengths)
    assert str(problem.value) == told


@pytest.mark.torch
def test_it_is_pytorchs_for_many_shapes() -> None:
    real = pytest.importorskip("torch")
    numbers = real.Generator().manual_seed(0)
    for steps, batch, classes, longest in ((4, 1, 3, 2), (12, 3, 5, 4), (7, 2, 4, 3), (9, 4, 6, 5)):
        logits = real.randn(steps, batch, classes, generator=numbers, dtype=real.float64)
        targets = real.randint(1, classes, (batch, longest), generator=numbers)
        times = real.randint(steps - 1, steps + 1, (batch,), generator=numbers)
        sizes = real.randint(0, longest + 1, (batch,), generator=numbers)
        found = []
        for module in (real, torch):
            x = module.tensor(logits.tolist(), dtype=module.float64, requires_grad=True)
            given = (module.tensor(each.tolist()) for each in (targets, times, sizes))
            loss = module.nn.functional.ctc_loss(x.log_softmax(2), *given, zero_infinity=True)
            loss.backward()
            found.append((loss.item(), x.grad.flatten().tolist()))
        assert found[1][0] == pytest.approx(found[0][0], rel=1e-9)
        assert found[1][1] == pytest.approx(found[0][1], rel=1e-7, abs=1e-10)
