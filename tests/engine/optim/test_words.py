"""What optimizers and schedulers print, warn of and raise is PyTorch's, word by word."""

from __future__ import annotations

from typing import Any

import pytest

from . import words
from .conftest import stored

STORED = stored("words")


@pytest.mark.parametrize("name", words.SNIPPETS)
def test_prints_what_pytorch_prints(torch: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch.optim.optimizer", torch.optim.optimizer)
    assert words.printed(torch, name) == STORED["snippets"][name]


@pytest.mark.parametrize("text", words.ERRORS)
def test_errors_have_pytorchs_words(torch: Any, text: str) -> None:
    assert words.error(torch, text) == STORED["errors"][text]
