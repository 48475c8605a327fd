"""What PyTorch has by name: functions that it took away, and dtypes."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()


def test_functions_of_old_say_what_they_are_called_today() -> None:
    for call in (lambda: torch.symeig(torch.eye(2), eigenvectors=True), lambda: torch.eye(2).symeig()):
        with pytest.raises(RuntimeError, match=r"was deprecated since version 1.9 and is now removed. The default behavior has changed"):
            call()
    with pytest.raises(RuntimeError, match=r"\nX = torch.linalg.solve\(A, B\)$"):
        torch.solve(torch.eye(2), torch.eye(2))


def test_bfloat16_has_a_name_before_it_has_numbers() -> None:
    chosen = {"float32": torch.float32, "bfloat16": torch.bfloat16}["bfloat16"]
    assert (repr(chosen), chosen.itemsize, chosen.is_floating_point, chosen == torch.float32) == ("torch.bfloat16", 2, True, False)
    assert torch.ones(2, dtype=chosen).dtype is chosen


def test_functions_know_their_names() -> None:
    functional = torch.nn.functional
    assert [f.__name__ for f in (torch.add, torch.clip, torch.mm, functional.max_pool2d)] == ["add", "clip", "mm", "max_pool2d"]
