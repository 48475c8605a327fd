"""What fits a few typed letters, best first: by the engine's names, and by the words that people have for them."""

from __future__ import annotations

from functools import cache

from ..model import REROUTE
from .catalogue import WORDS, Entry, catalogue

# what is typed by who does not know PyTorch's word; the first of several ops is meant first
_SAID = {
    "dense": "nn.Linear", "fully connected": "nn.Linear", "fc": "nn.Linear", "perceptron": "nn.Linear", "mlp": "nn.Linear",
    "convolution": "nn.Conv2d nn.Conv1d nn.Conv3d", "cnn": "nn.Conv2d", "pooling": "F.max_pool2d F.avg_pool2d",
    "batch norm": "nn.BatchNorm2d nn.BatchNorm1d", "layer norm": "nn.LayerNorm", "group norm": "nn.GroupNorm",
    "instance norm": "nn.InstanceNorm2d", "recurrent": "nn.RNN nn.LSTM nn.GRU", "self attention": "nn.MultiheadAttention",
    "parameter": "tensor", "variable": "tensor", "number": "tensor", "constant": "tensor", "scalar": "tensor", "vector": "tensor",
    "matrix": "tensor", "array": "tensor", "input": "tensor", "data": "tensor", "csv": "tensor", "weight": "tensor", "bias": "tensor",
    "target": "tensor", "label": "tensor", "slider": "tensor", "random": "tensor", "noise": "tensor", "zeros": "tensor", "ones": "tensor",
    "randn": "tensor", "rand": "tensor", "randint": "tensor", "linspace": "tensor", "arange": "tensor", "full": "tensor", "eye": "tensor",
    "plus": "torch.add", "minus": "torch.sub", "times": "torch.mul", "product": "torch.mul torch.prod", "divided by": "torch.div",
    "power": "torch.pow", "squared": "torch.square", "root": "torch.sqrt", "average": "torch.mean", "total": "torch.sum",
    "absolute": "torch.abs", "negative": "torch.neg", "logarithm": "torch.log", "exponential": "torch.exp", "ln": "torch.log",
    "error": "F.mse_loss F.l1_loss", "loss": "F.mse_loss F.cross_entropy F.binary_cross_entropy_with_logits F.l1_loss F.nll_loss",
    "squared error": "F.mse_loss", "absolute error": "F.l1_loss", "mae": "F.l1_loss", "classification": "F.cross_entropy",
    "log loss": "F.binary_cross_entropy_with_logits", "bce": "F.binary_cross_entropy_with_logits F.binary_cross_entropy",
    "activation": "F.relu torch.sigmoid torch.tanh F.gelu", "logistic": "torch.sigmoid", "probabilities": "F.softmax torch.sigmoid",
    "join": "torch.cat torch.stack", "merge": "torch.cat torch.stack", "concatenation": "torch.cat", "resize": "torch.reshape",
    "dot product": "torch.matmul", "matrix product": "torch.matmul", "row": "Tensor.__getitem__", "column": "Tensor.__getitem__",
    "slice": "Tensor.__getitem__", "pick": "Tensor.__getitem__", "if": "torch.where", "condition": "torch.where", "clip": "torch.clamp",
    "greater": "torch.gt", "less": "torch.lt", "equals": "torch.eq", "stop gradient": "torch.detach", "no gradient": "torch.detach",
    "cast": "Tensor.float Tensor.long Tensor.double Tensor.bool", "float": "Tensor.float", "int": "Tensor.long",
    "biggest": "torch.max torch.amax", "smallest": "torch.min torch.amin",
}  # fmt: skip
_SHORTEST = 3  # letters of a word that is not yet typed to its end


def search(text: str) -> list[Entry]:
    """The entries whose name fits what was typed, best first; of those that fit alike the most used first."""
    wanted = text.strip().lower()
    parts, said = wanted.split(), _meant(wanted)
    scored: list[tuple[float, int, int, Entry]] = []
    for k, e in enumerate(catalogue().values()):
        if e.op == REROUTE:
            continue
        score = _score(e, text.strip(), wanted, parts)
        if e.op in said and said[e.op][0] < score:
            score, place = said[e.op]
        elif score < _NO:
            place = 0
        else:
            continue
        scored.append((score, place, k, e))
    best: dict[str, Entry] = {}
    for *_, e in sorted(scored, key=lambda row: row[:3]):
        best.setdefault(e.title if "." not in wanted else e.op, e)  # torch.relu and F.relu are one, unless one asks for one of them
    return list(best.values())


_NO = 9.0


def _score(e: Entry, typed: str, wanted: str, parts: list[str]) -> float:
    """How well a name fits, 0 and less for all of it."""
    title, op, given = e.title.lower(), e.op.lower(), _given_weights()
    spoken = title.replace("_", " ")
    if (e.title == typed and e.op not in given) or (e.layer and title == wanted and title in given.values()):
        return -1  # ReLU is the layer, relu the function; but who types linear wants the layer, which has its weights
    if not wanted or wanted in (title, spoken, op, WORDS.get(e.op)):
        return 0
    if title.startswith(wanted) or spoken.startswith(wanted):
        return 1
    if wanted in op or wanted.replace(" ", "_") in op or wanted.replace(" ", "") in op:
        return 2
    if len(parts) > 1 and all(part in op or part in e.category.lower() for part in parts):
        return 2.5
    if wanted in e.category.lower():
        return 3
    return 4 if wanted[0] == title[0] and _letters(wanted, title) else _NO


def _meant(wanted: str) -> dict[str, tuple[float, int]]:
    """The ops that a word stands for, or one that begins so: how well it fits, and which of its ops it is. Who types two words speaks of
    what is meant (batch norm: the layer), and not of the function that is written so."""
    found: dict[str, tuple[float, int]] = {}
    for word, ops in _SAID.items():
        whole = word == wanted
        if whole or (len(wanted) >= _SHORTEST and word.startswith(wanted)):
            for place, op in enumerate(ops.split()):
                found[op] = min(found.get(op, (_NO, 0)), ((-0.5 if " " in word else 0.5) if whole else 1.5, place))
    return found


@cache
def _given_weights() -> dict[str, str]:
    """The functions that a layer is named after, and that have to be given its weights (F.linear), with that name."""
    layers = {e.title.lower() for e in catalogue().values() if e.layer}
    given = (e for e in catalogue().values() if not e.layer and any(p.name == "weight" and not p.optional for p in e.ports))
    return {e.op: e.title for e in given if e.title in layers}


def _letters(wanted: str, title: str) -> bool:
    rest = iter(title)
    return all(letter in rest for letter in wanted)
