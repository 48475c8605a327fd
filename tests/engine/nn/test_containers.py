"""Modules of modules, as scripts take them apart."""

from __future__ import annotations

from collections import OrderedDict

import pytest

from engine import torch_module

torch = torch_module.module()
nn = torch.nn


def test_layers_before_others_move_them_up() -> None:
    net = nn.Sequential(nn.ReLU(), nn.Tanh())
    assert net.insert(-1, nn.GELU()) is net
    assert [(name, type(layer).__name__) for name, layer in net.named_children()] == [("0", "ReLU"), ("1", "GELU"), ("2", "Tanh")]


def test_a_layer_with_a_name_cannot_move_up() -> None:
    net = nn.Sequential(nn.ReLU())
    net.add_module("soft", nn.Softmax(dim=-1))
    with pytest.raises(KeyError, match="'1'"):
        net.insert(0, nn.Tanh())


def test_a_dict_of_parameters_is_sorted_unless_it_comes_in_an_order() -> None:
    given = {"w": torch.ones(2), "b": torch.zeros(1)}
    assert list(nn.ParameterDict(given)) == ["b", "w"]
    assert list(nn.ParameterDict(OrderedDict(given))) == list(nn.ParameterDict([*given.items()])) == ["w", "b"]
