"""`from torch.x import *` brings what it brings in PyTorch, and no file of ours in place of a script's own name."""

from __future__ import annotations

from engine import distributions


def test_all_distributions_and_none_of_the_files() -> None:
    names = set(distributions.__all__)
    assert {"Normal", "kl_divergence", "Transform", "biject_to"} <= names
    assert not names & {"constraints", "kl", "kl_pairs", "transforms"}
    assert distributions.constraints.positive is distributions.Normal.arg_constraints["scale"]
