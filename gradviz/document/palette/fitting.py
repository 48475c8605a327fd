"""Tensors that an expression names and that nobody has made yet: with which shapes what reads them can run.

A name stands for a number for as long as it can: `w*x + b` is of numbers, which have sliders. Where an op takes no numbers (a product
of matrices, a layer, a convolution), the tensors that it is computed from get the first shapes with which it runs, the simplest first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

from ..edits import downstream, part, upstream
from ..model import TENSOR, Document, Param, Value, Wire
from ..run.inference import Inferred, Spec, infer, infer_block
from ..wires import links
from .feeding import OTHERS, drawn, near
from .sizing import CHANNELS, SIZES

MOST = 1500  # combinations that are tried for one op
LARGEST = 1000  # a size that is taken from a setting
_COMPARED = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss")
_OF_LABELS = ("binary_cross_entropy", "binary_cross_entropy_with_logits", "BCELoss", "BCEWithLogitsLoss")
_PLAIN = tuple(Spec(shape, "float32") for shape in ((3, 3), (3,), (2, 3), (2, 3, 3), (2, 3, 4), (2, 3, 8, 8), (4, 3, 3, 3)))
_WHOLE = (*OTHERS, Spec((3, 3), "int64"))


def fitted(document: Document, fresh: Sequence[str]) -> Document:
    """The document with shapes for its fresh tensors (numbers until now) with which it can run, as far as there are some."""
    wanted = {b for b in fresh if document.blocks[b].requires_grad}
    settled: set[str] = set()
    given_up: set[str] = set()
    below_them = downstream(document, fresh)
    asked = upstream(document, below_them)
    while fresh:
        known = infer(part(document, asked))
        failed = next((b for b in below_them if known[b].problem and b not in given_up), "")
        if not failed:
            return _labelled(_alike(document, fresh, wanted, known), fresh)
        above = set(upstream(document, (failed,)))
        leaves = [b for b in fresh if b in above]
        found: dict[str, Spec] = {}
        for chosen in ([b for b in leaves if b not in settled], leaves):
            found = found or (_Search(document, chosen, above, known).best() if chosen else {})
        given_up.add(failed)  # it runs now, or it never will
        settled |= set(found)
        below = min((n for spec in (*found.values(), *_specs(known, above - set(leaves))) for n in spec.shape), default=0)
        for leaf, spec in found.items():
            block = document.blocks[leaf]
            if spec.shape or spec.dtype != "float32":
                value = drawn(spec, fresh.index(leaf), below)
                grad = leaf in wanted and spec.dtype.startswith("float")
                document = document.with_block(block.changed(value=value, requires_grad=grad))
    return document


def _alike(document: Document, fresh: Sequence[str], wanted: set[str], known: Mapping[str, Inferred]) -> Document:
    """With a target as large as what it is compared with, where a loss would stretch it: PyTorch warns of that."""
    for block in document.blocks.values():
        ends = document.inputs(block.id)
        if block.op.rpartition(".")[2] not in _COMPARED or not {"input", "target"} <= ends.keys():
            continue
        leaf, other = ends["target"].source, known.get(ends["input"].source)
        if leaf in fresh and other is not None and other.spec is not None and document.blocks[leaf].value is not None:
            value = document.blocks[leaf].value
            if value is not None and value.shape == () != other.spec.shape and document.users(leaf) == [(block.id, "target")]:
                made = drawn(other.spec, fresh.index(leaf), min(other.spec.shape))
                document = document.with_block(document.blocks[leaf].changed(value=made, requires_grad=leaf in wanted))
    return document


def _labelled(document: Document, fresh: Sequence[str]) -> Document:
    """With zeros and ones as the target of a loss that takes no other numbers."""
    for block in document.blocks.values():
        wire = document.inputs(block.id).get("target") if block.op.rpartition(".")[2] in _OF_LABELS else None
        value = document.blocks[wire.source].value if wire is not None and wire.source in fresh else None
        if wire is not None and value is not None and (value.source == "randn" or value.shape == ()):
            made = Value(value.shape, (), value.dtype, "randint", value.seed, (0.0, 2.0)) if value.shape else value
            document = document.with_block(document.blocks[wire.source].changed(value=made, requires_grad=False))
    return document


def _specs(known: Mapping[str, Inferred], blocks: set[str]) -> list[Spec]:
    return [spec for b in blocks if b in known for spec in known[b].outputs]


def _told(name: str, setting: Param) -> list[tuple[int, ...]]:
    """Shapes that a setting of an op speaks of: in_features=4, in_channels=1, view((2, 6))."""
    whole = [n for n in (setting if isinstance(setting, tuple) else (setting,)) if type(n) is int and 0 < n < LARGEST]
    if isinstance(setting, tuple):
        return [(2, *whole), (math.prod(whole),)] if len(whole) == len(setting) else []
    if name in SIZES:
        return [(2, n) for n in whole]
    return [shape for n in whole for shape in ((2, n, 8, 8), (2, n, 8), (2, n))] if name in CHANNELS else []


def _matrix_first(spec: Spec) -> int:
    """The order of shapes for what has a capital letter, as matrices have in formulas: what keeps the number of columns is meant first."""
    return 2 if len(spec.shape) != 2 or not spec.dtype.startswith("float") else int(spec.shape[0] != spec.shape[1])


class _Search:
    """Shapes of some tensors with which a part of a document has no problem."""

    def __init__(self, document: Document, leaves: Sequence[str], above: set[str], known: Mapping[str, Inferred]) -> None:
        self._document, self._leaves = document, leaves
        inputs = links(document.wires).inputs
        moved = [b for b in downstream(document, leaves) if b in above]
        self._steps: list[tuple[str, Mapping[str, Wire]]] = [(b, inputs.get(b, {})) for b in moved if b not in leaves]
        self._known = {b: known[b] for b in above.difference(moved)}
        around = [spec for b, held in self._known.items() if document.blocks[b].op == TENSOR for spec in held.outputs]
        settings = dict.fromkeys(pair for b in self._known | dict(self._steps) for pair in document.blocks[b].params.items())
        told = [Spec(shape, "float32") for name, size in settings for shape in _told(name, size)]
        choices = dict.fromkeys((Spec((), "float32"), *near(around), *told, *_PLAIN, *_WHOLE))
        floats_first = sorted(choices, key=lambda spec: not spec.dtype.startswith("float"))
        names = {leaf: document.blocks[leaf].name for leaf in leaves}
        self._choices = [sorted(floats_first, key=_matrix_first) if names[leaf][:1].isupper() else floats_first for leaf in leaves]

    def _runs(self, specs: Mapping[str, Spec]) -> bool:
        made = {**self._known, **{leaf: Inferred((spec,)) for leaf, spec in specs.items()}}
        for block, wires in self._steps:
            made[block] = infer_block(self._document.blocks[block], wires, made)
            if made[block].problem:
                return False
        return True

    def _tries(self) -> Iterator[dict[str, Spec]]:
        """All combinations, those of the first choices first."""
        for last in range(len(self._choices[0])):
            for numbers in itertools.product(range(last + 1), repeat=len(self._leaves)):
                if last in numbers:
                    yield {leaf: own[k] for leaf, own, k in zip(self._leaves, self._choices, numbers, strict=True)}

    def best(self) -> dict[str, Spec]:
        """The first combination with which all of it runs, {} for none. What takes whole numbers where it takes no others
        (the classes of a loss, the places of an index) gets whole numbers.
        """
        found = next((tried for tried in itertools.islice(self._tries(), MOST) if self._runs(tried)), None)
        if found is None:
            return {}
        sizes = dict.fromkeys(n for spec in found.values() for n in spec.shape[:1])
        for leaf in self._leaves:
            for n in sizes:
                whole, real = Spec((n,), "int64"), Spec((n,), "float32")
                if found[leaf].dtype == "float32" and self._runs({**found, leaf: whole}) and not self._runs({**found, leaf: real}):
                    found[leaf] = whole
        return found
