"""Recurrent cells: one step (torch.nn.RNNCell, LSTMCell, GRUCell)."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ...errors import own_method
from ...naming.namespace import export
from ...ops.fill import told_leaf
from ...ops.matrices.linalg import linear
from ...tensor import Tensor
from .initial import here, refill, uniform
from .module import Module
from .rnn import gru_step, lstm_step, rnn_step


class RNNCellBase(Module):
    """Base: weights, checks, and the zero state. Shapes: input (N, in) or (in), state (N, hidden) or (hidden)."""

    gates: ClassVar[int]

    def __init_subclass__(cls) -> None:
        own_method(cls, "__init__")

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        here(device)
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        bound = 1.0 / math.sqrt(hidden_size) if hidden_size > 0 else 0.0
        tall = self.gates * hidden_size
        self.weight_ih = uniform((tall, input_size), bound, dtype)
        self.weight_hh = uniform((tall, hidden_size), bound, dtype)
        self.register_parameter("bias_ih", uniform((tall,), bound, dtype) if bias else None)
        self.register_parameter("bias_hh", uniform((tall,), bound, dtype) if bias else None)

    def reset_parameters(self) -> None:
        """Draw all weights again."""
        for p in self.parameters():
            refill(p, 1.0 / math.sqrt(self.hidden_size))

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text

    def _check(self, input: Any, states: tuple[Any, ...]) -> None:
        self._check_ranks(input, states)
        self._check_sizes(input, states)

    def _check_ranks(self, input: Any, states: tuple[Any, ...]) -> None:
        name = type(self).__name__
        for label, t in (("input", input), *(("hidden" if len(states) == 1 else f"hx[{k}]", s) for k, s in enumerate(states))):
            if t is not None and t.dim() not in (1, 2):
                raise ValueError(f"{name}: Expected {label} to be 1D or 2D, got {t.dim()}D instead")

    def _check_sizes(self, input: Any, states: tuple[Any, ...]) -> None:
        if input.shape[-1] != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {input.shape[-1]} expected {self.input_size}")
        batch = input.shape[0] if input.dim() == 2 else 1
        for k, state in enumerate(states):
            if state is None:
                continue
            shape = tuple(state.shape) if input.dim() == 2 else (1, *state.shape)  # beside one example the state is one, too
            if shape[0] != batch:
                raise RuntimeError(f"Input batch size {batch} doesn't match hidden{k} batch size {shape[0]}")
            if len(shape) < 2:
                raise IndexError("Dimension out of range (expected to be in range of [-1, 0], but got 1)")
            if shape[1] != self.hidden_size:
                raise RuntimeError(f"hidden{k} has inconsistent hidden_size: got {shape[1]}, expected {self.hidden_size}")

    def _product(self, x: Any) -> Any:
        return linear(x, self.weight_ih, self.bias_ih)

    def _hidden(self, h: Any) -> Any:
        return linear(h, self.weight_hh, self.bias_hh)

    def _zero(self, x: Any) -> Any:
        return told_leaf(np.zeros((x.shape[0], self.hidden_size), x._data.dtype))


class RNNCell(RNNCellBase):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu."""

    gates = 1

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        self._check(input, (hx,))
        return _alone(self, rnn_step(self.nonlinearity), input, hx)


class GRUCell(RNNCellBase):
    """Gated recurrent unit."""

    gates = 3

    def forward(self, input: Any, hx: Any = None) -> Any:
        self._check(input, (hx,))
        return _alone(self, gru_step, input, hx)


class LSTMCell(RNNCellBase):
    """Long short-term memory; the state is a pair (h, c)."""

    gates = 4

    def forward(self, input: Any, hx: Any = None) -> Any:
        self._check_ranks(input, (None, None) if hx is None else tuple(hx))
        if hx is not None and input.dim() == 1:
            hx = (hx[0], hx[1])  # PyTorch takes two of what it is given
        _pair(hx)
        self._check_sizes(input, (None, None) if hx is None else tuple(hx))
        batched = input.dim() == 2
        x = input if batched else input.unsqueeze(0)
        if hx is None:
            zero = self._zero(x)
            hx = (zero, zero)
        elif not batched:
            hx = tuple(s.unsqueeze(0) for s in hx)
        h, c = lstm_step(self._product(x), hx, self._hidden)
        return (h, c) if batched else (h.squeeze(0), c.squeeze(0))


def _alone(cell: RNNCellBase, step: Any, input: Any, hx: Any) -> Any:
    """One step, also without a batch dimension."""
    batched = input.dim() == 2
    x = input if batched else input.unsqueeze(0)
    h = cell._zero(x) if hx is None else hx if batched else hx.unsqueeze(0)
    out = step(cell._product(x), h, cell._hidden)
    return out if batched else out.squeeze(0)


def _pair(hx: Any) -> None:
    if isinstance(hx, Tensor):
        raise TypeError("lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor")
    if hx is not None and len(hx) != 2:
        raise RuntimeError("lstm_cell expects two hidden states")


def _called(gates: int, hidden: Any, w_ih: Any) -> None:
    size = hidden.shape[-1]
    if w_ih.shape[0] != gates * size:
        raise RuntimeError(f"weight_ih first dim must be {gates} * hidden_size = {gates * size}, but got {w_ih.shape[0]}")


@export("torch")
def lstm_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of an LSTM: the new (h, c)."""
    _pair(hx)
    _called(4, hx[0], w_ih)
    return lstm_step(linear(input, w_ih, b_ih), hx, lambda h: linear(h, w_hh, b_hh))


@export("torch")
def gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of a GRU."""
    _called(3, hx, w_ih)
    return gru_step(linear(input, w_ih, b_ih), hx, lambda h: linear(h, w_hh, b_hh))


@export("torch")
def rnn_tanh_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of a simple recurrence with tanh."""
    _called(1, hx, w_ih)
    return rnn_step("tanh")(linear(input, w_ih, b_ih), hx, lambda h: linear(h, w_hh, b_hh))


@export("torch")
def rnn_relu_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of a simple recurrence with relu."""
    _called(1, hx, w_ih)
    return rnn_step("relu")(linear(input, w_ih, b_ih), hx, lambda h: linear(h, w_hh, b_hh))


__all__ = ["GRUCell", "LSTMCell", "RNNCell"]
