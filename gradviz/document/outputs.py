"""What a node gives: one tensor, or several, flat and in order, however an op packs them (an LSTM gives `out, (h, c)`)."""

from __future__ import annotations

from typing import Any, NamedTuple

# of layers whose results are packed without names: what PyTorch's documentation calls them
_STATES = {
    "nn.RNN": ("output", "h_n"), "nn.GRU": ("output", "h_n"), "nn.LSTM": ("output", "h_n", "c_n"), "nn.LSTMCell": ("h", "c"),
    "nn.MultiheadAttention": ("attn_output", "attn_output_weights"),
}  # fmt: skip


class Output(NamedTuple):
    """One tensor of a result: where it stands in it ("" for the result itself, "[1][0]"), what PyTorch calls it, the tensor."""

    path: str
    name: str
    tensor: Any


def outputs_of(result: Any, op: str = "") -> list[Output]:
    """The tensors of a result, of an op whose results may have names."""
    if hasattr(result, "_data"):
        return [Output("", "", result)]
    made: list[Output] = []
    open_ = [("", "", result)]
    while open_:
        path, name, found = open_.pop(0)
        if isinstance(found, (tuple, list)):
            names = getattr(found, "_fields", ())
            open_[:0] = [(f"{path}[{k}]", names[k] if k < len(names) else "", part) for k, part in enumerate(found)]
        elif hasattr(found, "_data"):
            made.append(Output(path, name, found))
    called = _STATES.get(op, ())
    return [out._replace(name=called[k]) for k, out in enumerate(made)] if len(called) == len(made) else made
