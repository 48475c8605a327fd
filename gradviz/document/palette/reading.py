"""What can read a result: of each entry of the palette, which of its inputs takes it, and how likely it is meant.

An entry is asked with the result at one input and tensors that often go with it at the others. Where none of them will do nothing is
known (other inputs may be of a shape that nobody guesses), and the entry stands behind those that fit; but one number fits nowhere then.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..model import Block, Param, Wire
from ..run.inference import Inferred, Spec, infer_block
from .catalogue import Entry, entry
from .feeding import OTHERS, near
from .sizing import sizes_of

_BESIDE = (Spec((), "float32"), Spec((3, 3), "float32"), *OTHERS)  # at the other inputs, where nothing like the result will do
_GUESSED = ("kernel_size",)  # settings of functions that any small number is right for, as all of layers are
SLOW = "Transformer"  # layers that take long to make begin so: nothing is asked of them unasked
_ALL = ("torch.where",)  # of which the inputs that may be left out are those that are meant

# what is put behind a result first, by how many sides it has
_NUMBER = "torch.add torch.mul torch.sub torch.pow torch.square torch.div torch.exp torch.log torch.sqrt torch.sigmoid torch.tanh F.relu"
_ROW = "torch.mul torch.add torch.sub torch.pow torch.sum torch.mean F.mse_loss nn.Linear torch.matmul F.relu torch.sigmoid F.softmax"
_MATRIX = "nn.Linear torch.matmul F.relu torch.add torch.mul torch.sub torch.pow torch.mean torch.sum F.mse_loss F.softmax torch.t"
_ROWS = "nn.Linear nn.LSTM nn.Conv1d nn.LayerNorm nn.MultiheadAttention F.relu torch.add torch.mean F.softmax torch.transpose torch.matmul"
_PICTURES = "nn.Conv2d F.relu F.max_pool2d nn.BatchNorm2d torch.flatten F.avg_pool2d torch.add torch.mean F.dropout"
_SIDES = tuple(tuple(ops.split()) for ops in (_NUMBER, _ROW, _MATRIX, _ROWS, _PICTURES))
_WHOLE = ("nn.Embedding", "F.one_hot", "F.cross_entropy", "Tensor.float", "torch.gather", "Tensor.__getitem__")
_TRUE = ("torch.where", "Tensor.float", "torch.sum", "torch.logical_not", "torch.logical_and")
_BEHIND_LAYERS = ("F.relu", "torch.tanh", "torch.sigmoid")  # of weights, which need something between them that is not linear
_SCORES = ("F.cross_entropy", "F.mse_loss", "F.softmax")
_OF_WEIGHTS = ("nn.Linear", "nn.Conv1d", "nn.Conv2d", "nn.Conv3d", "nn.BatchNorm1d", "nn.BatchNorm2d", "nn.BatchNorm3d")


class Reading:
    """A result that a wire was drawn from.

    Args:
        known: of the block that gives it.
        op: that block's.
    """

    def __init__(self, known: Inferred | None, output: int = 0, op: str = "") -> None:
        self._known, self._output = known, output
        self.spec = known.outputs[output] if known is not None and output < len(known.outputs) else None
        self._op = op

    def port(self, found: Entry) -> str:
        """The first input of a new block that takes the result, "" where it is known that none does."""
        if not found.ports:
            return ""
        ports = _ports(found)
        if self.spec is None:
            return ports[0]
        answers = {port: _takes(found.op, port, self.spec) for port in ports}
        taken = [port for port, fits in answers.items() if fits]
        perhaps = [port for port, fits in answers.items() if fits is None]
        return (*taken, *perhaps, "")[0]

    def sure(self, found: Entry) -> bool:
        """Whether one of its inputs is known to take the result."""
        return self.spec is None or any(_takes(found.op, port, self.spec) for port in _ports(found))

    def usual(self) -> tuple[str, ...]:
        """What is put behind such a result most."""
        if self.spec is None:
            return ()
        if self.spec.dtype == "bool":
            return _TRUE
        if self.spec.dtype == "int64":
            return _WHOLE
        usual = _SIDES[min(len(self.spec.shape), len(_SIDES) - 1)]
        if self._op not in _OF_WEIGHTS:
            return usual
        return tuple(dict.fromkeys((*_BEHIND_LAYERS[:1], *(_SCORES if self._op == "nn.Linear" else ()), *_BEHIND_LAYERS, *usual)))

    def likely(self, entries: Iterable[Entry], most: int, *, usual: bool = False) -> list[Entry]:
        """The first entries that can read it, those that are known to before the others. No more are asked than are wanted.

        Args:
            usual: begin with what is put there most.
        """
        first = [e for op in self.usual() if (e := entry(op)) is not None] if usual else []
        fit: list[Entry] = []
        perhaps: list[Entry] = []
        left = {e.op for e in first}
        for found in (*first, *(e for e in entries if e.op not in left)):
            if self.port(found):
                (fit if self.sure(found) else perhaps).append(found)
            if len(fit) == most:
                break
        return [*fit, *perhaps][:most]


def _ports(found: Entry) -> list[str]:
    """The inputs that have to be given; where none has to, the first."""
    needed = [p for p in found.ports if not p.optional or found.op in _ALL] or found.ports[:1]
    return [f"{p.name}.0" if p.many else p.name for p in needed]


@lru_cache(maxsize=20_000)
def _takes(op: str, port: str, spec: Spec) -> bool | None:
    """Whether an input takes a tensor; None where nobody knows."""
    found = entry(op)
    if found is None or found.title.startswith(SLOW):
        return None
    given = Inferred((spec,))
    others = [name for name in _ports(found) if name != port]
    scores = (Spec((*spec.shape, 3), "float32"), Spec(spec.shape, "float32"), Spec(spec.shape, "bool"))
    beside = dict.fromkeys((spec, *near((spec,))[:4], *scores, *_BESIDE)) if others else (spec,)
    asked = _settings(found, given)
    for params in asked:
        for other in beside:
            wires = {port: Wire("!"), **{name: Wire("?") for name in others}}
            made = infer_block(Block("*", op, "", params=params), wires, {"!": given, "?": Inferred((other,))})
            if not made.problem:
                return True if made.outputs else None
    return False if asked and (not others or not spec.shape) else None


def _settings(found: Entry, given: Inferred) -> list[dict[str, Param]]:
    """What its required settings may be; nothing where nobody can guess."""
    needed = [s.name for s in found.settings if s.required]
    if needed and not (found.layer or set(needed) <= set(_GUESSED)):
        return []
    told = sizes_of(found, given)
    return [{**dict.fromkeys(needed, size), **told} for size in ((1, 2) if set(needed) - told.keys() else (1,))]
