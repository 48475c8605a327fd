"""A recorded script as a document: what ran becomes blocks that can be edited."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import numpy as np

from ..layout import layered
from ..recording.event import Event, Kind
from . import edits
from .catalogue import Entry, catalogue
from .indexing import AT, INDEX, indexed
from .model import DTYPES, LARGEST, TENSOR, Document, Frame, Param, Training, Value
from .problem import DocumentProblem
from .repeated import repeated

if TYPE_CHECKING:
    from ..recording.event import Site
    from ..recording.recording import Recording

MOST = 2000  # blocks
TRIED = 64  # choices of tensors that may have been an index
ARRAY = "array of shape "  # how a recording tells a parameter that is an array
_NAMES = {"_unsafe_view": "view", "log_sigmoid": "logsigmoid", "nll_loss2d": "nll_loss"}
_CASTS = {"float32": "float", "float64": "double", "int64": "long", "bool": "bool"}
CARD = (196.0, 150.0)
APART = 70.0  # between a card and a frame that reads it


@dataclass(frozen=True, slots=True)
class Converted:
    """A document, and in sentences what of the script it cannot hold."""

    document: Document
    left_out: tuple[str, ...]


class _Converter:
    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.document = Document()
        self.at_location: dict[int, tuple[str, int]] = {}  # a tensor -> its block, and which of its outputs
        self.of_site: dict[int, str] = {}
        self.forms: dict[str, tuple[tuple[int, ...], str]] = {}  # shape and dtype of a block's first output
        self.given: dict[str, int] = {}  # the recording's number of that value
        self.same = repeated(recording)
        self.quiet: list[str] = []
        self.left_out: dict[str, None] = {}
        self.losses: list[str] = []
        self.zeroed = 0
        self.stepped = ""

    def convert(self) -> Converted:
        for event in self.recording:
            if event.kind == Kind.CREATE_LEAF:
                self._leaf(event)
            elif event.kind in (Kind.OP, Kind.VIEW, Kind.DETACH):
                self._op(event)
            elif event.kind == Kind.BACKWARD_BEGIN and event.reads:
                found = self.at_location.get(event.reads[0].location)
                self.losses += [found[0]] if found is not None else []
            elif event.kind == Kind.ZERO_GRAD:
                self.zeroed += 1
            elif event.kind == Kind.OPTIMIZER_STEP:
                self.stepped = str(event.detail.get("optimizer") or event.detail.get("name") or "SGD")
            elif event.kind == Kind.INPLACE_WRITE and not self.stepped:
                self.left_out["writes in place: a graph has no order of statements"] = None
            if len(self.document.blocks) > MOST:
                raise DocumentProblem(f"the script has more than {MOST:,} nodes; so large a graph is no pleasure to edit by hand")
        if not self.document.blocks:
            raise DocumentProblem("nothing was recorded that could become a graph")
        self._training()
        if self.same:
            self.left_out["the further turns of loops that compute the same again: the first one stands for them"] = None
        if self.quiet:
            members = tuple(dict.fromkeys(self.quiet))
            made = Frame(f"f{self.document.next_number}", "no_grad", "no_grad", members)
            self.document = replace(self.document, frames={made.id: made}, next_number=self.document.next_number + 1)
        return Converted(placed(self.document), tuple(self.left_out))

    def _leaf(self, event: Event) -> None:
        ref = event.writes[0]
        block = self.of_site.get(self.same.get(event.site, event.site))
        if block is None:
            site = self.recording.sites[event.site]
            needs = event.detail.get("requires_grad") is True
            value = self._value(ref.value)
            needs = needs and value.dtype.startswith("float")
            self.document, block = edits.add(self.document, TENSOR, 0, 0, name=_named(site), value=value, requires_grad=needs)
            self.of_site[event.site] = block
            self.forms[block] = (value.shape, value.dtype)
            self.given[block] = ref.value
        self.at_location[ref.location] = (block, 0)

    def _value(self, number: int) -> Value:
        shape, dtype = self.recording.form(number)
        dtype = str(dtype)
        if dtype not in DTYPES:
            self.left_out[f"the dtype {dtype}: it became float32"] = None
            dtype = "float32"
        array = self.recording.array(number)
        if array is None or array.size > LARGEST or array.dtype.kind == "c":
            self.left_out[f"the numbers of a tensor of shape {tuple(shape)}: they were not kept, and became zeros"] = None
            if int(np.prod(shape, dtype=np.int64)) > LARGEST:
                raise DocumentProblem(f"a tensor of shape {tuple(shape)} is too large for a document")
            return Value(tuple(shape), (), dtype, "zeros")
        return Value(tuple(array.shape), tuple(float(v) for v in array.reshape(-1)), dtype)

    def _op(self, event: Event) -> None:
        block = self.of_site.get(self.same.get(event.site, event.site))
        if block is None:
            name = "detach" if event.kind == Kind.DETACH else str(event.detail.get("op", ""))
            found, params = _entry(name, dict(event.detail.get("params") or {}))
            at = self._indices(event, params) if found is not None and found.op == INDEX else []
            found = None if at is None else found
            block = self._known(event, found, params) if found is not None else self._unknown(event, name)
            for k, index in enumerate(at or ()):
                self.document = edits.connect(self.document, index, block, f"{AT}.{k}")
            self.of_site[event.site] = block
            if event.writes:
                shape, dtype = self.recording.form(event.writes[0].value)
                self.forms[block] = (tuple(shape), str(dtype))
                self.given[block] = event.writes[0].value
            if not event.grad_mode and event.kind != Kind.DETACH and found is not None:
                self.quiet.append(block)
        for k, ref in enumerate(event.writes):
            self.at_location[ref.location] = (block, k)

    def _known(self, event: Event, found: Entry, params: dict[str, Any]) -> str:
        site = self.recording.sites[event.site]
        document, block = edits.add(self.document, found.op, 0, 0, name=_named(site))
        places: list[int] = list(event.detail.get("ports") or range(len(event.reads)))
        names = [p.name for p in found.ports]
        for place, ref in zip(places, event.reads, strict=False):
            source = self.at_location.get(ref.location)
            if source is None:  # made before the recording began, or by an op without a row
                value = self._value(ref.value)
                document, made = edits.add(document, TENSOR, 0, 0, value=value)
                source = self.at_location[ref.location] = (made, 0)
            many = found.ports[0].many
            port = f"{names[0]}.{place}" if many else names[place] if place < len(names) else ""
            if port:
                document = edits.connect(document, source[0], block, port, source[1])
            else:
                self.left_out[f"an input of {found.title}"] = None
        settings = {str(k): v for k, v in params.items()}
        for place, number in (event.detail.get("numbers") or {}).items():
            if int(place) < len(names) and number is not None:
                settings[names[int(place)]] = number
        for name, value in settings.items():
            document = self._set(document, block, found, name, value)
        self.document = document
        return block

    def _set(self, document: Document, block: str, found: Entry, name: str, value: Any) -> Document:
        setting = next((s for s in found.settings if s.name == name), None)
        frozen = _frozen(value)
        if isinstance(value, str) and value.startswith(ARRAY):
            return self._array(document, block, found, name, value)
        if setting is not None or name in {p.name for p in found.ports}:
            if setting is not None and setting.default == frozen:
                return document
            return edits.set_param(document, block, name, frozen)
        if value not in (None, False, 1, (), []):
            self.left_out[f"{name}={value} of {found.title}"] = None
        return document

    def _array(self, document: Document, block: str, found: Entry, name: str, words: str) -> Document:
        """An array that is no tensor of the graph (the classes that a loss compares with): the tensor of that shape, where there is one."""
        shape = tuple(int(n) for n in re.findall(r"\d+", words))
        port = found.port(name)
        alike = [document.blocks[b] for b, form in self.forms.items() if form[0] == shape]
        fits = [b.id for b in alike if b.op == TENSOR and not b.requires_grad]
        whole = [b.id for b in alike if not self.forms[b.id][1].startswith("float")]
        if port is None or len(whole or fits) != 1:
            self.left_out[f"{name} of {found.title}: connect it by hand"] = None
            return document
        return edits.connect(document, (whole or fits)[0], block, name)

    def _indices(self, event: Event, params: dict[str, Any]) -> list[str] | None:
        """The blocks whose tensors stood in x[...], told by what it gave; None where that is not sure."""
        forms = [tuple(int(n) for n in re.findall(r"\d+", p)) for p in event.detail["params"]["key"] if str(p).startswith(ARRAY)]
        if not forms:
            return []
        choices = [[b for b, (shape, dtype) in self.forms.items() if shape == form and dtype in ("int64", "bool")] for form in forms]
        x, made = (self.recording.array(refs[0].value) for refs in (event.reads, event.writes))
        held = {b: self.recording.array(self.given[b]) for some in choices for b in some}
        for chosen in islice(product(*(reversed(some) for some in choices)), TRIED):
            at = [held[b] for b in chosen]
            if x is None or made is None or any(a is None for a in at):
                continue
            try:
                given = indexed(x, params["index"], at)
            except (IndexError, DocumentProblem):
                continue
            if np.array_equal(given, made, equal_nan=made.dtype.kind in "fc"):
                return list(chosen)
        return None

    def _unknown(self, event: Event, name: str) -> str:
        self.left_out[f"{name or 'an op'} is no node of the editor: its result stands as numbers"] = None
        site = self.recording.sites[event.site]
        self.document, block = edits.add(self.document, TENSOR, 0, 0, name=_named(site), value=self._value(event.writes[0].value))
        return block

    def _training(self) -> None:
        """One loss that went backward again and again is a training."""
        kinds = set(self.losses)
        usual = Training()
        if len(kinds) != 1:
            return
        plan = replace(usual, loss=self.losses[0])
        if len(self.losses) > 1:
            policy = "each" if self.zeroed else "never"
            plan = replace(plan, epochs=len(self.losses), zero_grad=policy, optimizer=self.stepped)
        self.document = replace(self.document, training=plan)


def from_recording(recording: Recording) -> Converted:
    """The document of a recording: each site once, with the values that its leaves had first.

    Raises:
        DocumentProblem: there is nothing that could become a graph, or too much.
    """
    return _Converter(recording).convert()


def _entry(name: str, params: dict[str, Any]) -> tuple[Entry | None, dict[str, Any]]:
    """The entry that a recorded row is, with the row's parameters by the entry's names."""
    if name in ("slice", "index"):
        parts = params.get("key") or ()
        places = iter(range(len(parts)))
        return catalogue()[INDEX], {"index": ", ".join(f"{AT}{next(places)}" if str(p).startswith(ARRAY) else str(p) for p in parts)}
    if name in ("convolution", "convolution_transpose"):
        number = len(params.get("stride") or ()) or 1
        name = f"conv{'_transpose' if name.endswith('transpose') else ''}{number}d"
    elif name in ("adaptive_avg_pool", "adaptive_max_pool"):
        name, params = f"{name}{len(params.get('out') or ()) or 1}d", {"output_size": params.get("out")}
    elif name == "_to_copy":
        name = _CASTS.get(str(params.get("dtype")), name)
        params = {}
    elif "parts" in params:
        name = "split"
        params = {"split_size_or_sections": tuple(length for _, length in params.get("parts") or ()), "dim": params.get("dim", 0)}
    elif name.endswith("_with_indices"):
        name = name.removesuffix("_with_indices")
        renamed = {"kernel": "kernel_size", "ceil": "ceil_mode"}
        params = {renamed.get(k, k): v for k, v in params.items()}
    name = _NAMES.get(name, name)
    for family in ("linalg", "special"):
        if name.startswith(family + "_"):
            found = catalogue().get(f"torch.{family}.{name.removeprefix(family + '_')}")
            if found is not None:
                return found, params
    for prefix in ("torch", "F", "torch.special", "torch.linalg", "Tensor"):
        found = catalogue().get(f"{prefix}.{name}")
        if found is not None:
            return found, params
    return None, params


def _named(site: Site) -> str:
    """The variable, or the parameter of a layer (conv.weight) as one."""
    return re.sub(r"\W", "_", site.name)


def _frozen(value: Any) -> Param:
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(v) for v in value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def placed(document: Document) -> Document:
    """All blocks in layers, one connected part below the other; what stands in a frame is a part of its own, so that nothing else does.

    A frame begins behind what its nodes read, so that wires go on in one direction.
    """
    number = {b: k for k, b in enumerate(document.blocks)}
    pairs = sorted({(number[w.source], number[t]) for (t, _), w in document.wires.items()})
    group = list(range(len(number)))
    framed = {number[m]: f.id for f in document.frames.values() for m in f.members}
    for a, b in pairs:  # union, with the smaller number as the name of the part
        if framed.get(a) != framed.get(b):
            continue
        while group[a] != a:
            a = group[a]
        while group[b] != b:
            b = group[b]
        group[max(a, b)] = min(a, b)
    for k, parent in enumerate(group):
        group[k] = group[parent]
    part = np.array(group, np.int64)
    layout = layered(np.array([CARD] * len(number)), np.array(pairs, np.int64).reshape(-1, 2), groups=part)
    places = layout.positions.copy()
    for a, b in sorted(pairs, key=lambda pair: pair[1]):
        if b in framed and part[a] != part[b]:
            places[part == part[b], 0] += max(0.0, places[a, 0] + CARD[0] + APART - places[b, 0])
    return edits.move(document, {b: (float(places[k, 0]), float(places[k, 1])) for b, k in number.items()})
