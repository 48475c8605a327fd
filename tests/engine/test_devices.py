"""There is one device; a program that asks for another one is told so as by PyTorch without CUDA, and never gets the CPU in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import engine as torch

ABSENT = {
    "cuda": (AssertionError, "Torch not compiled with CUDA enabled"),
    "cuda:1": (AssertionError, "Torch not compiled with CUDA enabled"),
    "meta": (RuntimeError, "PyTorch is not linked with support for meta devices"),
}
ASKS: dict[str, Callable[[str], Any]] = {
    "a constructor": lambda name: torch.zeros(2, device=name),
    "a tensor is moved": lambda name: torch.zeros(2).to(name),
    "the usual one": lambda name: torch.set_default_device(name),
    "a block": lambda name: torch.device(name).__enter__(),
}


@pytest.mark.parametrize("name", ABSENT)
@pytest.mark.parametrize("ask", ASKS)
def test_another_device_is_refused(ask: str, name: str) -> None:
    kind, text = ABSENT[name]
    with pytest.raises(kind, match=text):
        ASKS[ask](name)


def test_the_one_that_there_is_may_be_named() -> None:
    torch.set_default_device("cpu")
    with torch.device("cpu") as here:
        assert torch.zeros(2).device == here


def test_scripts_ask_for_an_accelerator() -> None:
    there = torch.accelerator
    assert (there.is_available(), there.device_count(), there.current_accelerator()) == (False, 0, None)
    with pytest.raises(RuntimeError, match=r"^Cannot access accelerator device when none is available\.$"):
        there.synchronize()
