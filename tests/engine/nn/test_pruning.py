"""Pruned layers; the masks, names and words are real PyTorch's."""

from __future__ import annotations

import pytest

from engine import torch_module

torch = torch_module.module()
nn, prune = torch.nn, torch.nn.utils.prune


def linear() -> torch.nn.Module:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def test_the_smallest_numbers_go_and_the_rest_is_trained() -> None:
    m = linear()
    assert prune.l1_unstructured(m, "weight", amount=2) is m
    assert m.weight_mask.tolist() == [[0, 1, 1], [1, 1, 0]]
    assert [name for name, _ in m.named_parameters()] == ["bias", "weight_orig"]
    assert list(m.state_dict()) == ["bias", "weight_orig", "weight_mask"]
    assert m.weight.grad_fn.name() == "MulBackward0"
    m(torch.ones(1, 3)).sum().backward()
    assert m.weight_orig.grad.tolist() == [[0, 1, 1], [1, 1, 0]]


def test_a_second_pruning_goes_on_from_the_first_until_both_are_made_permanent() -> None:
    m = linear()
    prune.l1_unstructured(m, "weight", amount=2)
    prune.ln_structured(m, "weight", amount=0.5, n=2, dim=0)
    assert m.weight_mask.tolist() == [[0, 1, 1], [0, 0, 0]]
    assert prune.is_pruned(m)
    prune.remove(m, "weight")
    assert [[round(v, 4) for v in row] for row in m.weight.tolist()] == [[0, 0.3097, -0.4752], [0, 0, 0]]
    assert not prune.is_pruned(m)
    assert [name for name, _ in m.named_parameters()] == ["bias", "weight"]


def test_several_layers_as_one_and_by_chance() -> None:
    linear()
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    prune.global_unstructured([(net[0], "weight"), (net[1], "weight")], pruning_method=prune.L1Unstructured, amount=0.5)
    assert net[0].weight_mask.tolist() == [[0, 0, 0], [0, 1, 1]]
    assert net[1].weight_mask.tolist() == [[0, 1], [1, 1]]
    prune.random_unstructured(net[1], "bias", amount=1)
    assert net[1].bias_mask.tolist() == [1, 0]
    prune.random_structured(net[0], "weight", amount=1, dim=1)
    assert net[0].weight_mask.tolist() == [[0, 0, 0], [0, 0, 1]]
    assert prune.custom_from_mask(nn.Linear(1, 2), "bias", torch.tensor([0, 1])).bias_mask.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda m: prune.l1_unstructured(m, "weight", amount=9), "amount=9 should be smaller than the number of parameters to prune=6"),
        (lambda m: prune.l1_unstructured(m, "weight", amount=1.5), "amount=1.5 should either be a float in the range [0, 1] or a non-negative integer"),
        (
            lambda m: prune.remove(m, "weight"),
            "Parameter 'weight' of module Linear(in_features=3, out_features=2, bias=True) has to be pruned before pruning can be removed",
        ),
        (
            lambda m: prune.ln_structured(m, "bias", 1, 2, 0),
            "Structured pruning can only be applied to multidimensional tensors. Found tensor of shape torch.Size([2]) with 1 dims",
        ),
    ],
)  # fmt: skip
def test_a_refused_pruning_leaves_the_layer_as_it_was(call: object, told: str) -> None:
    m = linear()
    with pytest.raises(ValueError) as raised:
        call(m)  # type: ignore[operator]
    assert str(raised.value) == told
    assert sorted(name for name, _ in m.named_parameters()) == ["bias", "weight"]
