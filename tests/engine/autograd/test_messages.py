"""490 snippets print, warn and fail in PyTorch's very words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .snippets import Outcome, run

DATA = Path(__file__).parents[2] / "data/autograd"
SNIPPETS: list[dict[str, Any]] = json.loads((DATA / "messages.json").read_text())
OTHERWISE: dict[str, str] = json.loads((DATA / "messages_otherwise.json").read_text())


def _cases() -> list[Any]:
    """Snippets whose outcome differs are listed with the reason; one that was mended may stay there for a while."""
    return [
        pytest.param(
            s, id=s["name"], marks=[pytest.mark.xfail(reason=OTHERWISE[s["name"]], strict=False)] if s["name"] in OTHERWISE else []
        )
        for s in SNIPPETS
    ]


@pytest.mark.parametrize("snippet", _cases())
def test_snippet(snippet: dict[str, Any]) -> None:
    expected = Outcome(
        snippet["stdout"],
        snippet["error_type"],
        snippet["error_text"],
        tuple((w["category"], w["text"]) for w in snippet["warnings"]),
    )
    assert run(snippet["code"]) == expected


def test_nearly_all_are_as_in_pytorch() -> None:
    assert len(SNIPPETS) == 490
    assert len(OTHERWISE) <= 30
    assert set(OTHERWISE) <= {s["name"] for s in SNIPPETS}
