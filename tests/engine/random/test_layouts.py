"""Numbers for a tensor like another one come in the order in which PyTorch lays it out; the numbers here are PyTorch's."""

from __future__ import annotations

import pytest

from engine import torch_module

FOLLOWING = 1.5490837097167969, -0.49508798122406006  # what is drawn next: after the quick way, and after one number at a time


@pytest.mark.parametrize(
    ("like", "first", "following"),
    [
        ("torch.zeros(6, 5, 6).chunk(2, -1)[0]", [0.1715109646320343, 0.876044750213623], FOLLOWING[0]),
        ("torch.zeros(6, 10, 3)[:, ::2]", [0.1715109646320343, 0.876044750213623], FOLLOWING[0]),
        ("torch.zeros(3, 30).t()", [-0.6731024384498596, 0.39555686712265015], FOLLOWING[1]),
        ("torch.zeros(5, 6, 3).transpose(0, 1)", [-0.6731024384498596, -1.209532380104065], FOLLOWING[1]),
        ("torch.zeros(18, 1, 1).expand(18, 5, 1)", [0.1715109646320343, 0.876044750213623], FOLLOWING[0]),
    ],
)
def test_randn_like_a_part_of_a_tensor_and_like_a_turned_one(like: str, first: list[float], following: float) -> None:
    torch = torch_module.module()
    torch.manual_seed(0)
    torch.randn(6, 5, 6)
    drawn = torch.randn_like(eval(like, {"torch": torch}))
    assert drawn.flatten()[:2].tolist() == first
    assert torch.randn(1).item() == following


@pytest.mark.torch
def test_like_all_kinds_of_views() -> None:
    real = pytest.importorskip("torch")
    ours = torch_module.module()
    views = (
        "zeros(4).expand(30, 4)", "zeros(30, 1).expand(30, 4)", "zeros(6, 5, 6).permute(2, 0, 1)[:, :3]", "zeros(6, 1, 6).permute(2, 1, 0)",
        "zeros(40, 6)[::2]", "zeros(2, 6, 5, 6).permute(0, 2, 3, 1)[:1]", "zeros(5, 1).expand(5, 5).t()", "zeros(8, 8).unfold(0, 4, 2)",
    )  # fmt: skip
    for view in views:
        for name in ("randn_like", "rand_like"):
            told = []
            for torch in (real, ours):
                torch.manual_seed(1)
                drawn = getattr(torch, name)(eval(f"torch.{view}", {"torch": torch}))
                told.append((drawn.stride(), drawn.tolist(), torch.randn(1).item()))
            assert told[0] == told[1], (name, view)
