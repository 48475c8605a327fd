"""Layers that are made with arguments that do not fit; the texts are real PyTorch's, which name the class whose constructor it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import torch_module

nn = torch_module.module().nn


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.MaxPool2d(), "_MaxPoolNd.__init__() missing 1 required positional argument: 'kernel_size'"),
        (lambda: nn.AvgPool2d(), "AvgPool2d.__init__() missing 1 required positional argument: 'kernel_size'"),
        (lambda: nn.AdaptiveAvgPool2d(), "_AdaptiveAvgPoolNd.__init__() missing 1 required positional argument: 'output_size'"),
        (lambda: nn.AdaptiveMaxPool1d(1, size=2), "_AdaptiveMaxPoolNd.__init__() got an unexpected keyword argument 'size'"),
        (lambda: nn.LPPool2d(2), "_LPPoolNd.__init__() missing 1 required positional argument: 'kernel_size'"),
        (lambda: nn.FractionalMaxPool2d(), "FractionalMaxPool2d.__init__() missing 1 required positional argument: 'kernel_size'"),
        (lambda: nn.Dropout(0.5, rate=1), "_DropoutNd.__init__() got an unexpected keyword argument 'rate'"),
        (lambda: nn.Dropout(1, 2, 3), "_DropoutNd.__init__() takes from 1 to 3 positional arguments but 4 were given"),
        (lambda: nn.Softmax(1, 2, axis=1), "Softmax.__init__() got an unexpected keyword argument 'axis'"),
        (lambda: nn.LSTMCell(3), "LSTMCell.__init__() missing 1 required positional argument: 'hidden_size'"),
        (lambda: nn.RNN(3), "RNNBase.__init__() missing 1 required positional argument: 'hidden_size'"),
        (lambda: nn.LSTM(3, 2, layers=2), "RNNBase.__init__() got an unexpected keyword argument 'layers'"),
        (lambda: nn.GRU(*range(40)), "RNNBase.__init__() takes from 4 to 12 positional arguments but 42 were given"),
    ],
)
def test_python_names_the_constructor(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(TypeError) as caught:
        make()
    assert str(caught.value) == words


def test_the_fourth_argument_of_an_rnn_is_its_nonlinearity() -> None:
    for layer in (nn.RNN(2, 3, 1, "relu", False), nn.RNN(2, 3, 1, bias=False, nonlinearity="relu")):
        assert repr(layer) == "RNN(2, 3, bias=False)"
        assert (layer.mode, layer.nonlinearity, layer.bias) == ("RNN_RELU", "relu", False)
