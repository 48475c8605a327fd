"""Recurrent layers and their cells (torch.nn.RNN, LSTM, GRU, RNNCell, LSTMCell, GRUCell).

A layer is its cell run over time: the products with the input are made for all steps at once, as PyTorch does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, overload

import numpy as np

from ... import modes
from ...errors import own_method
from ...graph.saved import track
from ...naming.namespace import TORCH
from ...op import Op, apply
from ...ops.fill import told_leaf
from ...ops.matrices.linalg import linear
from ...ops.pointwise.elementwise import mul
from ...ops.views.join import gates, stack_row
from .. import functional
from ..utils.rnn import PackedSequence
from .initial import here, refill, uniform
from .module import Module

Step = Callable[[Any, Any, Any], Any]


def rnn_step(activation: str) -> Step:
    """h' = tanh(i + W h + b): `i` is the input's product."""

    def step(i: Any, h: Any, hidden: Callable[[Any], Any]) -> Any:
        return getattr(hidden(h) + i, activation)()

    return step


# a product whose nodes know the weights of the layer: of what PyTorch saves for it, those are found overwritten first
_state_row = Op(
    mul.name, mul.forward, inputs=mul.inputs, vjps=mul.vjps, formulas=mul.formulas, promote=mul.promote, elementwise=True,
    frees="weights",
)  # fmt: skip


def lstm_step(i: Any, state: Any, hidden: Callable[[Any], Any]) -> Any:
    """Input, forget, cell and output gate: c' = f c + i g, h' = o tanh(c')."""
    h, c = state
    enter, forget, cell, leave = gates(hidden(h) + i, 4)
    c = forget.sigmoid() * c + enter.sigmoid() * cell.tanh()
    return apply(_state_row, (leave.sigmoid(), c.tanh()), {}), c


def gru_step(i: Any, h: Any, hidden: Callable[[Any], Any]) -> Any:
    """Reset and update gate: n = tanh(i_n + r h_n), h' = (h - n) z + n."""
    ir, iz, inew = gates(i, 3)
    hr, hz, hnew = gates(hidden(h), 3)
    reset, update = (hr + ir).sigmoid(), (hz + iz).sigmoid()
    new = (inew + hnew * reset).tanh()
    return (h - new) * update + new


def _zeros(like: Any, *shape: int) -> Any:
    return told_leaf(np.zeros(shape, like._data.dtype))


class RNNBase(Module):
    """Base of the layers over sequences.

    Shapes: input (L, N, in) or (L, in), or (N, L, in) with batch_first; states (layers * directions, N, hidden).
    """

    gates: ClassVar[int]

    def __init_subclass__(cls) -> None:
        own_method(cls, "forward")

    def __init__(
        self, mode: str, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        here(device)
        self.mode = mode
        self._check_options(input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size)
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional, self.proj_size = batch_first, float(dropout), bidirectional, proj_size
        out = proj_size or hidden_size
        bound = 1.0 / math.sqrt(hidden_size)
        tall = self.gates * hidden_size
        for layer in range(num_layers):
            for suffix in ("", "_reverse")[: 1 + bidirectional]:
                width = input_size if layer == 0 else out * (1 + bidirectional)
                shapes: dict[str, tuple[int, ...]] = {"weight_ih": (tall, width), "weight_hh": (tall, out)}
                if bias:
                    shapes |= {"bias_ih": (tall,), "bias_hh": (tall,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for name, shape in shapes.items():
                    self.register_parameter(f"{name}_l{layer}{suffix}", uniform(shape, bound, dtype))

    def _check_options(
        self, input_size: Any, hidden_size: Any, num_layers: int, bias: Any, batch_first: Any, dropout: Any, proj_size: int
    ) -> None:
        if dropout is None:
            raise TypeError("float() argument must be a string or a real number, not 'NoneType'")
        if not isinstance(dropout, (int, float)) or isinstance(dropout, bool) or not 0 <= dropout <= 1:
            raise ValueError("dropout should be a number in range [0, 1] representing the probability of an element being zeroed")
        if dropout > 0 and num_layers == 1:
            modes.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, "
                f"but got dropout={dropout} and num_layers={num_layers}"
            )
        for name, value in (("bias", bias), ("batch_first", batch_first)):
            if not isinstance(value, bool):
                raise TypeError(f"{name} should be of type bool, got: {type(value).__name__}")
        for name, value in (("input_size", input_size), ("hidden_size", hidden_size)):
            if not isinstance(value, int):
                raise TypeError(f"{name} should be of type int, got: {type(value).__name__}")
            if value <= 0:
                raise ValueError(f"{name} must be greater than zero")
        if num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if proj_size >= hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")

    def reset_parameters(self) -> None:
        """Draw all weights again."""
        for p in self.parameters():
            refill(p, 1.0 / math.sqrt(self.hidden_size))

    def flatten_parameters(self) -> None:
        """Nothing to do on the CPU."""

    @property
    def _flat_weights_names(self) -> list[str]:
        return list(self._parameters)

    @property
    def _flat_weights(self) -> list[Any]:
        return list(self._parameters.values())

    @property
    def all_weights(self) -> list[list[Any]]:
        """The parameters of each layer and direction."""
        rows: dict[str, list[Any]] = {}
        for name, p in self._parameters.items():
            rows.setdefault(name.split("_l", 1)[1], []).append(p)
        return list(rows.values())

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0, "bidirectional": False}
        return text + "".join(f", {n}={getattr(self, n)}" for n, value in usual.items() if getattr(self, n) != value)

    # -- running ----------------------------------------------------------------------------------------

    def _step(self) -> Step:
        raise NotImplementedError

    def _first_state(self, like: Any, batch: int) -> Any:
        return _zeros(like, self.num_layers * (1 + self.bidirectional), batch, self.hidden_size)

    def _states(self, hx: Any) -> list[Any]:
        """The state of each layer and direction."""
        return [hx[k] for k in range(self.num_layers * (1 + self.bidirectional))]

    def _stacked(self, states: list[Any]) -> Any:
        return TORCH["stack"](states)

    def _output(self, state: Any) -> Any:
        return state

    def _check_state(self, hx: Any, batch: int) -> None:
        want = (self.num_layers * (1 + self.bidirectional), batch, self.proj_size or self.hidden_size)
        if tuple(hx.shape) != want:
            raise RuntimeError(f"Expected hidden size {want}, got {list(hx.shape)}")

    def forward(self, input: Any, hx: Any = None) -> Any:
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        if input.dim() not in (2, 3):
            told = " tensor" if type(self).__name__ == "RNN" else ""
            raise ValueError(f"{type(self).__name__}: Expected input to be 2D or 3D, got {input.dim()}D{told} instead")
        alone = input.dim() == 2
        along = self.batch_first
        place = 0 if along else 1  # of the batch
        x = input.unsqueeze(place) if alone else input
        x = x.transpose(0, 1) if along else x
        if not x.shape[0]:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        if hx is not None:
            self._check_rank(hx, alone)
            hx = self._map(hx, lambda h: h.unsqueeze(1)) if alone else hx
        weight = next(iter(self._parameters.values()))
        if weight is not None and x._data.dtype is not weight._data.dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). Convert input: input.to({weight.dtype}), "
                f"or convert model: model.to({input.dtype})"
            )
        if x.shape[-1] != self.input_size:
            raise RuntimeError(f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {x.shape[-1]}")
        if modes.autocast is not None and self.mode == "LSTM":  # PyTorch's kernel for it has its states in the lower dtype, too
            x, hx = modes.autocast.lower(x), None if hx is None else self._map(hx, modes.autocast.lower)
        if hx is None:
            hx = self._first_state(x, x.shape[1])
        else:
            self._check_state(hx, x.shape[1])
        out, last = self._layers(x, hx, [x.shape[1]] * x.shape[0])
        out = self._turned(out) if along else out
        return (out.squeeze(place), self._map(last, lambda h: h.squeeze(1))) if alone else (out, last)

    def _turned(self, out: Any) -> Any:
        return out.transpose_(0, 1)  # in place, which the name of its node tells

    def _check_rank(self, hx: Any, alone: bool) -> None:
        if alone and hx.dim() != 2:
            raise RuntimeError(f"For unbatched 2-D input, hx should also be 2-D but got {hx.dim()}-D tensor")
        if not alone and hx.dim() != 3:
            raise RuntimeError(f"For batched 3-D input, hx should also be 3-D but got {hx.dim()}-D tensor")

    def _map(self, hx: Any, change: Callable[[Any], Any]) -> Any:
        return change(hx)

    def _forward_packed(self, packed: PackedSequence, hx: Any) -> Any:
        """Sequences of different lengths, longest first: step t runs on the batch_sizes[t] that are that long."""
        data, sizes, order, back = packed
        counts = sizes.tolist()
        if hx is None:
            hx = self._first_state(data, counts[0])
        elif order is not None:
            hx = self._map(hx, lambda h: h.index_select(1, order))
        out, last = self._layers(data, hx, counts)
        if back is not None:
            last = self._map(last, lambda h: h.index_select(1, back))
        return PackedSequence(out, sizes, order, back), last

    def _layers(self, x: Any, hx: Any, counts: list[int]) -> tuple[Any, Any]:
        """Every layer in turn; x is (L, N, in), or packed (total, in)."""
        states, last = self._states(hx), []
        for layer in range(self.num_layers):
            outs = []
            for direction in range(1 + self.bidirectional):
                out, end = self._run(x, states[layer * (1 + self.bidirectional) + direction], counts, layer, bool(direction))
                outs.append(out)
                last.append(end)
            x = outs[0] if len(outs) == 1 else TORCH["cat"](outs, -1)
            if self.dropout and layer < self.num_layers - 1:
                x = functional.dropout(x, self.dropout, self.training)
        return x, self._stacked(last)

    def _run(self, x: Any, state: Any, counts: list[int], layer: int, reverse: bool) -> tuple[Any, Any]:
        """One layer in one direction over all steps."""
        suffix = f"_l{layer}" + ("_reverse" if reverse else "")
        w_ih, w_hh = getattr(self, "weight_ih" + suffix), getattr(self, "weight_hh" + suffix)
        b_ih, b_hh = (getattr(self, "bias_ih" + suffix), getattr(self, "bias_hh" + suffix)) if self.bias else (None, None)
        projection = getattr(self, "weight_hr" + suffix) if self.proj_size else None
        products = linear(x, w_ih, b_ih)
        packed = x.dim() == 2
        steps = list(products.split(counts) if packed else products.unbind(0))
        step = self._step()
        outs: list[Any] = [None] * len(steps)
        whole = self._rows(state, 0, counts[0])
        now = self._rows(whole, 0, counts[-1]) if reverse else whole
        ended: list[Any] = []
        for t in reversed(range(len(steps))) if reverse else range(len(steps)):
            have = counts[t + 1] if reverse and t + 1 < len(counts) else counts[t - 1] if not reverse and t else counts[t]
            if counts[t] < have:
                ended.append(self._rows(now, counts[t], have))
                now = self._rows(now, 0, counts[t])
            elif counts[t] > have:
                now = self._joined([now, self._rows(whole, have, counts[t])])
            now = step(steps[t], now, lambda h: linear(h, w_hh, b_hh))
            if projection is not None:
                now = (linear(now[0], projection), now[1])
            outs[t] = self._output(now)
        if ended:
            now = self._joined([now, *reversed(ended)])
        if packed:
            return TORCH["cat"](outs), now
        self._keep(self._output(now), w_ih, w_hh, b_ih, b_hh)
        return self._whole(outs), now

    def _keep(self, last: Any, *weights: Any) -> None:
        """What PyTorch's node of a whole layer saves, where it has one; `last` is the output of the last step."""

    def _whole(self, outs: list[Any]) -> Any:
        """The steps of one layer in one direction."""
        return TORCH["stack"](outs)

    def _rows(self, state: Any, start: int, stop: int) -> Any:
        return state if start == 0 and stop == state.shape[0] else state[start:stop]

    def _joined(self, states: list[Any]) -> Any:
        return TORCH["cat"](states)


def _check_kind(kwargs: dict[str, Any]) -> None:
    if "proj_size" in kwargs:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class RNN(RNNBase):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu."""

    gates = 1

    @overload
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None: ...

    @overload
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _check_kind(kwargs)
        nonlinearity = args[3] if len(args) > 3 else kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__("RNN_" + nonlinearity.upper(), *args[:3], *args[4:], **kwargs)
        self.nonlinearity = nonlinearity

    def _step(self) -> Step:
        return rnn_step(self.nonlinearity)


class GRU(RNNBase):
    """Gated recurrent unit."""

    gates = 3

    @overload
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None: ...

    @overload
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _check_kind(kwargs)
        super().__init__("GRU", *args, **kwargs)

    def _step(self) -> Step:
        return gru_step


_layer_row = stack_row.named("MkldnnRnnLayerBackward0")


class LSTM(RNNBase):
    """Long short-term memory; the state is a pair (h, c)."""

    gates = 4

    @overload
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None: ...

    @overload
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def _step(self) -> Step:
        return lstm_step

    def _first_state(self, like: Any, batch: int) -> Any:
        layers = self.num_layers * (1 + self.bidirectional)
        return _zeros(like, layers, batch, self.proj_size or self.hidden_size), _zeros(like, layers, batch, self.hidden_size)

    def _states(self, hx: Any) -> list[Any]:
        return list(zip(super()._states(hx[0]), super()._states(hx[1]), strict=True))

    def _stacked(self, states: list[Any]) -> Any:
        return TORCH["stack"]([h for h, _ in states]), TORCH["stack"]([c for _, c in states])

    def _output(self, state: Any) -> Any:
        return state[0]

    def _turned(self, out: Any) -> Any:
        return out.transpose(0, 1)

    def _keep(self, last: Any, *weights: Any) -> None:
        if self._is_one(last):
            track(last, *weights)

    def _whole(self, outs: list[Any]) -> Any:
        # PyTorch has one node for a layer in float32; what it does is unrolled here, and its last step has that name
        return apply(_layer_row, tuple(outs), {"dim": 0}) if self._is_one(outs[0]) else super()._whole(outs)

    def _is_one(self, out: Any) -> bool:
        return out._data.dtype == np.float32 and not self.proj_size

    def _map(self, hx: Any, change: Callable[[Any], Any]) -> Any:
        return change(hx[0]), change(hx[1])

    def _check_rank(self, hx: Any, alone: bool) -> None:
        if hx[0].dim() != 3 - alone or hx[1].dim() != 3 - alone:
            kind, n = ("unbatched 2-D", 2) if alone else ("batched 3-D", 3)
            raise RuntimeError(f"For {kind} input, hx and cx should also be {n}-D but got ({hx[0].dim()}-D, {hx[1].dim()}-D) tensors")

    def _check_state(self, hx: Any, batch: int) -> None:
        layers = self.num_layers * (1 + self.bidirectional)
        for state, width, name in ((hx[0], self.proj_size or self.hidden_size, "hidden[0]"), (hx[1], self.hidden_size, "hidden[1]")):
            if tuple(state.shape) != (layers, batch, width):
                raise RuntimeError(f"Expected {name} size {(layers, batch, width)}, got {list(state.shape)}")

    def _rows(self, state: Any, start: int, stop: int) -> Any:
        return super()._rows(state[0], start, stop), super()._rows(state[1], start, stop)

    def _joined(self, states: list[Any]) -> Any:
        return TORCH["cat"]([h for h, _ in states]), TORCH["cat"]([c for _, c in states])


__all__ = ["GRU", "LSTM", "RNN", "gru_step", "lstm_step", "rnn_step"]
