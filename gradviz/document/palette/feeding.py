"""What can give an input its tensor: of each entry of the palette, whether a result of it would fit, and how likely it is meant.

An input is tried with shapes and dtypes, those around it first; an entry is asked for its results on such tensors. Where an entry
answers to none of them (it needs a setting, or inputs of several kinds) nothing is known, and it stands behind those that fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..model import TENSOR, Block, Document, Value, Wire, WireKey
from ..run.inference import Inferred, Spec, infer_block
from .catalogue import Entry, entry

NEVER = -1
_PLAIN = tuple(Spec(shape, "float32") for shape in ((), (3,), (2, 3), (3, 3), (2, 3, 4), (2, 3, 8, 8)))
OTHERS = (Spec((2,), "int64"), Spec((2, 3), "bool"))
_MOST = 100_000  # numbers of a tensor that is offered


class Feeding:
    """An input that a wire was drawn from."""

    def __init__(self, document: Document, key: WireKey, known: dict[str, Inferred]) -> None:
        self._block, self._port = document.blocks[key[0]], key[1]
        self._seed = document.next_number  # not the numbers of the tensor before
        self._inputs = {port: wire for port, wire in document.inputs(key[0]).items() if port != self._port}
        self._known = known
        self._takes: dict[Spec, bool] = {}
        around: list[Spec] = []
        for wire in self._inputs.values():
            around += known[wire.source].outputs[wire.output : wire.output + 1] if wire.source in known else ()
        self._below = min((n for spec in around for n in spec.shape), default=0)
        tried = dict.fromkeys((Spec((), "float32"), *near(around), *_PLAIN, *OTHERS))
        fits = [s for s in tried if self.takes(s)]
        self.specs = tuple(sorted(fits, key=lambda s: not self._only_whole(s)))

    def takes(self, spec: Spec) -> bool:
        """Whether a tensor would fit; where other inputs have nothing yet, with some that go with it."""
        if spec not in self._takes:
            self._takes[spec] = self._ask(spec)
        return self._takes[spec]

    def _only_whole(self, spec: Spec) -> bool:
        """Whether whole numbers are meant: the classes of a loss, the places of an index. Real ones of that shape would not fit."""
        return spec.dtype == "int64" and bool(spec.shape) and not self.takes(Spec(spec.shape, "float32"))

    def _ask(self, spec: Spec) -> bool:
        given = {**self._inputs, self._port: Wire("?")}
        known = {**self._known, "?": Inferred((spec,))}
        made = infer_block(self._block, given, known)
        if made.problem or not made.waiting:
            return not made.problem
        found = entry(self._block.op)
        for name in made.waiting:
            port = found.port(name) if found is not None else None
            if port is None:
                return True  # a setting is missing: nothing can be said
            given[f"{name}.0" if port.many else name] = Wire("!")
        return any(not infer_block(self._block, given, {**known, "!": Inferred((other,))}).problem for other in (spec, *_PLAIN, *OTHERS))

    def rank(self, found: Entry) -> int:
        """How likely an entry is meant, 0 first; NEVER where no result of it fits."""
        if found.op == TENSOR:
            return 0
        if not found.ports or not self.specs:
            return NEVER
        answered = False
        for rank, probes in ((1, self.specs[:2]), (2, _PLAIN[:5]), (2, OTHERS)):
            for probe in probes:
                outputs = _gives(found.op, probe)
                answered = answered or bool(outputs)
                if any(self.takes(out) for out in outputs[:1]):
                    return rank
        return NEVER if answered else 3

    def value(self) -> Value:
        """A tensor that fits."""
        spec = next((s for s in self.specs if Value(s.shape).size <= _MOST), Spec((), "float32"))
        return Value() if spec == Spec((), "float32") else drawn(spec, self._seed, self._below)


def near(around: Iterable[Spec]) -> list[Spec]:
    """Tensors that often go with some others: of their shapes, or of a side of them."""
    made = list(around)
    for shape, dtype in tuple(made):
        last = shape[-1] if shape else 1
        made += [Spec(s, dtype) for s in (shape[:1], shape[-1:], shape[::-1], (1, last), (last, 1), (last, last))]
        made += [Spec(s, "int64") for s in (shape[:1], shape, ())]
    return made


def drawn(spec: Spec, seed: int, below: int) -> Value:
    """A tensor that fits: drawn, whole numbers from 0 to `below` where that is known (any is the place of something there), else zeros."""
    if spec.dtype.startswith("float"):
        return Value(spec.shape, (), spec.dtype, "randn", seed)
    if spec.dtype == "int64" and below > 1:
        return Value(spec.shape, (), spec.dtype, "randint", seed, (0.0, float(below)))
    return Value(spec.shape, (0.0,) * Value(spec.shape).size, spec.dtype)


@lru_cache(maxsize=20_000)
def _gives(op: str, probe: Spec) -> tuple[Spec, ...]:
    """The results of an entry with such a tensor at each input that it needs."""
    found = entry(op)
    if found is None:
        return ()
    ports = [f"{p.name}.0" if p.many else p.name for p in found.ports if not p.optional] or [found.ports[0].name]
    return infer_block(Block("?", op, ""), {p: Wire("!") for p in ports}, {"!": Inferred((probe,))}).outputs


def likely(feeding: Feeding, entries: Iterable[Entry], most: int) -> list[Entry]:
    """The first entries that can feed an input, the likelier ones first. No more are asked than are wanted: asking takes its time."""
    made: list[tuple[int, Entry]] = []
    for found in entries:
        rank = feeding.rank(found)
        if rank != NEVER:
            made.append((rank, found))
        if len(made) == most:
            break
    return [found for _, found in sorted(made, key=lambda row: row[0])]
