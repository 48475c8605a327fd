"""A recorded script as a document: what ran becomes blocks that can be edited."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import numpy as np

from ...layout import layered
from ...recording.event import Event, Kind, Phase
from ...recording.location import FLAG, GRAD
from .. import edits
from ..expression.calling import call
from ..expression.indexing import AT, INDEX, indexed
from ..expression.row_calls import ARRAY, Call, call_of
from ..model import DTYPES, LARGEST, TENSOR, Block, Document, Frame, Param, Value
from ..palette.catalogue import Entry
from ..problem import DocumentProblem
from ..run.evaluate import evaluate
from ..run.inference import arguments_of
from ..wires import links, reach
from .recorded_batches import whole
from .recorded_checks import Told, names_of, near, tell_gradients, tell_losses, tell_numbers, tell_whether_it_runs
from .recorded_draws import anew
from .recorded_training import KINDS, TrainingReader
from .recorded_writes import Parts
from .repeated import events_of, repeated

if TYPE_CHECKING:
    from ...recording.event import Ref, Site
    from ...recording.recording import Recording

MOST = 2000  # blocks
_TOLD = (
    Kind.CREATE_LEAF,
    Kind.SET_REQUIRES_GRAD,
    Kind.OP,
    Kind.VIEW,
    Kind.DETACH,
    Kind.INPLACE_WRITE,
    Kind.BACKWARD_BEGIN,
    Kind.HOOK,
    *KINDS,
)
ROUNDS = 50  # each finds the first views that are none
NO_VIEW = "view size is not compatible"
TRIED = 64  # choices of tensors that may have been an index
CARD = (196.0, 150.0)
WORDS = 56.0  # of what is told at a card
APART = 70.0  # between a card and a frame that reads it


@dataclass(frozen=True, slots=True)
class Converted:
    """A document, and in sentences what of the script it cannot hold.

    Attributes:
        at: the same by the blocks that it is about, where it is about some.
    """

    document: Document
    left_out: tuple[str, ...]
    at: Mapping[str, str]


Array = np.ndarray[Any, Any]


class _Converter:
    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.document = Document()
        self.at_location: dict[int, tuple[str, int]] = {}  # a tensor -> its block, and which of its outputs
        self.of_site: dict[int, str] = {}
        self.forms: dict[str, tuple[tuple[int, ...], str]] = {}  # shape and dtype of a block's first output
        self.given: dict[str, int] = {}  # the recording's number of that value
        self.turns: dict[str, list[tuple[int, int]]] = {}  # of each block the steps and the recording's numbers of all its values
        self.same = repeated(recording)
        self.quiet: list[str] = []
        self.told = Told()
        self.late: set[str] = set()  # the blocks that read a parameter after a step
        self.handed: set[str] = set()  # blocks that read something else in later turns: a state
        self.begun: set[str] = set()  # blocks that were computed, and then begin the graph anew
        self.hooked: set[int] = set()  # sites of leaves with a hook that changes their gradient
        self.inexact: list[str] = []  # the blocks of which it was told that gradients are others
        self.training = TrainingReader(recording)
        self.parts = Parts(self)
        self.unwritten: dict[str, int] = {}  # blocks that were written into in place, what no node says, with the line
        self.read: set[int] = set()  # the tensors that something was computed from

    def convert(self) -> Converted:
        for event in events_of(self.recording, _TOLD):
            if event.kind == Kind.CREATE_LEAF:
                self._leaf(event)
            elif event.kind in (Kind.OP, Kind.VIEW, Kind.DETACH):
                self._op(event)
            elif event.kind == Kind.BACKWARD_BEGIN and event.reads:
                found = self.parts.fresh(event.reads[0].location)
                if found is not None:
                    self.training.begins(found[0], event)
            elif event.kind in KINDS:
                self.training.tell(event)
                self._hooked_leaf(event)
            elif event.kind == Kind.HOOK:
                self._hook(event)
            elif event.kind == Kind.INPLACE_WRITE:
                self._written(event)
            elif event.kind == Kind.SET_REQUIRES_GRAD:
                self._flagged(event)
            if len(self.document.blocks) > MOST:
                raise DocumentProblem(f"the script has more than {MOST:,} nodes; so large a graph is no pleasure to edit by hand")
        if not self.document.blocks:
            raise DocumentProblem("nothing was recorded that could become a graph")
        self._tidy()
        self._check()
        self._train()
        repeats = any(self.of_site.get(first) in self.document.blocks for first in self.same.values())
        if repeats and not self.training.closes:
            self.told.say("the further turns of loops that compute the same again: the first one stands for them")
        if self.quiet:
            members = tuple(dict.fromkeys(self.quiet))
            made = Frame(f"f{self.document.next_number}", "no_grad", "no_grad", members)
            self.document = replace(self.document, frames={made.id: made}, next_number=self.document.next_number + 1)
        at = self.told.at(self.document)
        for block, words in at.items():
            self.document = self.document.with_block(replace(self.document.blocks[block], told=words))
        return Converted(placed(self.document, at), self.told.sentences(), at)

    def _train(self) -> None:
        """The script's training, by batches where it goes by batches."""
        reader = self.training
        fixed = {b for b in self.inexact if self.document.blocks[b].op == TENSOR}
        if reader.several:  # what is computed from parameters is no data, though a detach stands between
            moved = [b.id for b in self.document.blocks.values() if b.op == TENSOR and b.requires_grad]
            fixed |= reach(moved, links(self.document.wires).targets) - self.handed
        self.document, turns, drawn = anew(self.recording, self.document, self.turns, self.at_location, reader.turns)
        batches, differ = whole(self.recording, turns, reader.losses, self.document, fixed, self.handed, reader.others)
        if batches is None and differ:
            self.document, turns, more = anew(self.recording, self.document, turns, self.at_location, reader.turns, indices=True)
            drawn, differ = drawn + more, tuple(b for b in differ if b not in more)
        plan, left = reader.plan(self.document, batches, differ, self.at_location)
        if drawn:
            left.append((f"{names_of(self.document, drawn)}: drawn anew in each step, as in the script, but other numbers", drawn))
        for sentence, blocks in left:
            self.told.say(sentence, *blocks)
        leaves = {self.at_location[place][0]: number for place, number in reader.first_grads.items() if place in self.at_location}
        tell_gradients(replace(self.document, training=plan), self.recording, leaves, [*self.inexact, *drawn], self.told)
        if batches is not None:
            self.same = {site: first for site, first in self.same.items() if self.of_site.get(first) not in batches.gone}
            self.quiet = [b for b in self.quiet if b in batches.document.blocks]
        self.document = replace(self.document if batches is None else batches.document, training=plan)
        if not left and not self.inexact:
            tell_losses(self.document, self.recording, reader.of_steps, reader.other_values, self.told)
        else:
            tell_whether_it_runs(self.document, 1, self.told)

    def _leaf(self, event: Event) -> None:
        ref = event.writes[0]
        block = self.of_site.get(self.same.get(event.site, event.site))
        if block is None:
            site = self.recording.sites[event.site]
            needs = event.detail.get("requires_grad") is True
            value = self.value_of(ref.value)
            needs = needs and value.dtype.startswith("float")
            self.document, block = edits.add(self.document, TENSOR, 0, 0, name=_named(site), value=value, requires_grad=needs)
            self.of_site[event.site] = block
            self.forms[block] = (value.shape, value.dtype)
            self.given[block] = ref.value
        self.turns.setdefault(block, []).append((len(self.training.losses), ref.value))
        self.at_location[ref.location] = (block, 0)

    def _flagged(self, event: Event) -> None:
        """requires_grad of a tensor that is there: x.clone().requires_grad_() begins the graph anew, and is a tensor of the graph."""
        place, on = event.writes[0].location - FLAG, bool(event.detail.get("value"))
        block = self.document.blocks.get(self.at_location.get(place, ("", 0))[0])
        if block is None or (block.op != TENSOR and not on):
            return
        if block.op != TENSOR:
            self.document = edits.disconnect(self.document, [(block.id, port) for port in self.document.inputs(block.id)])
            block = Block(block.id, TENSOR, block.name, block.x, block.y, value=self.value_of(self.given[block.id]))
            self.quiet = [b for b in self.quiet if b != block.id]
            self.told.say(f"{block.name} was computed, and requires grad from line {event.line} on: here it stands as numbers", block.id)
            self.begun.add(block.id)
        elif block.id in self.begun and on and not near(*self._read_at(block.id)):
            self.told.say(f"{block.name} had other numbers at each step: here those of the first", block.id)
        if block.requires_grad and not on and place in self.read:
            self.told.say("requires_grad, which the script turns off later: here it stays on", block.id)
        elif block.value is not None and block.value.dtype.startswith("float"):
            self.document = self.document.with_block(replace(block, requires_grad=on))

    def _read_at(self, block: str) -> tuple[Array | None, Array | None]:
        """The numbers of a block at its last turn, and those that it has here."""
        return self.recording.array(self.turns[block][-1][1]), self.recording.array(self.given[block])

    def value_of(self, number: int) -> Value:
        """A recorded value as a tensor's."""
        shape, dtype = self.recording.form(number)
        dtype = str(dtype)
        if dtype not in DTYPES:
            self.told.say(f"the dtype {dtype}: it became float32")
            dtype = "float32"
        array = self.recording.array(number)
        if array is None or array.size > LARGEST or array.dtype.kind == "c":
            self.told.say(f"the numbers of a tensor of shape {tuple(shape)}: they were not kept, and became zeros")
            if int(np.prod(shape, dtype=np.int64)) > LARGEST:
                raise DocumentProblem(f"a tensor of shape {tuple(shape)} is too large for a document")
            return Value(tuple(shape), (), dtype, "zeros")
        return Value(tuple(array.shape), tuple(float(v) for v in array.reshape(-1)), dtype)

    def _op(self, event: Event) -> None:
        if self.training.belongs_to_step(event):
            return
        if event.phase == Phase.BACKWARD and not event.detail.get("grad_fn"):
            return  # a hook computes, or the backward of a custom Function
        for ref in event.reads:
            if event.kind != Kind.DETACH:
                self.read.add(self.parts.owner(ref.location))
            self.parts.fresh(ref.location)
        block = self.of_site.get(self.same.get(event.site, event.site))
        if block is None:
            name = "detach" if event.kind == Kind.DETACH else str(event.detail.get("op", ""))
            found = self._call(event, name)
            at = self._indices(event, found.settings) if found is not None and found.entry.op == INDEX else []
            found = None if at is None else found
            block = self._known(event, found) if found is not None else None
            found = found if block is not None else None
            block = block or self._inside(event, name) or self._unknown(event, name)
            for k, index in enumerate(at or ()):
                self.document = edits.connect(self.document, index, block, f"{AT}.{k}")
            self.of_site[event.site] = block
            if event.writes:
                shape, dtype = self.recording.form(event.writes[0].value)
                self.forms[block] = (tuple(shape), str(dtype))
                self.given[block] = event.writes[0].value
            if not event.grad_mode and event.kind != Kind.DETACH and found is not None:
                self.quiet.append(block)
            if any(ref.location in self.training.moved for ref in event.reads):
                self.late.add(block)
        elif not event.detail.get("grad_fn") and self.document.blocks[block].op != TENSOR:
            sources = {w.source for w in self.document.inputs(block).values()}
            if any(self.at_location.get(ref.location, ("", 0))[0] not in sources for ref in event.reads):
                self.handed.add(block)
        if event.writes:
            self.turns.setdefault(block, []).append((len(self.training.losses), event.writes[0].value))
        for k, ref in enumerate(event.writes):
            self.at_location[ref.location] = (block, k)
        if event.kind != Kind.OP:
            self.parts.look(event)

    def _call(self, event: Event, name: str) -> Call | None:
        """What the row is called in the editor, with the one of the choices that gives what it gave."""
        read, made = ([tuple(self.recording.form(ref.value)[0]) for ref in refs] for refs in (event.reads, event.writes))
        found = call_of(name, event.detail.get("params") or {}, self._places(event), read, made)
        if found is None or not found.choices:
            return found
        given = self.recording.array(event.reads[0].value)
        wanted = self.recording.array(event.writes[0].value)
        if given is None or wanted is None:
            return replace(found, settings={**found.settings, **found.choices[0]})
        fits = (c for c in found.choices if near(_result(found, [given], {**found.settings, **c}), wanted))
        chosen = next(fits, found.choices[0])
        return replace(found, settings={**found.settings, **chosen})

    def _written(self, event: Event) -> None:
        """A write in place is a node where it is plain what it computes: what reads the tensor later reads it."""
        ref = event.writes[0]
        if self.training.writes_grad(event):
            return
        for one in (*event.reads, ref):
            self.parts.fresh(one.location)
        if self._filled(event) or self._written_beside(event):
            return
        leaf = self.at_location.get(ref.location)
        if leaf is None:
            return  # nothing of the graph was computed from it yet
        follows = any(number is not None for number in event.detail.get("next") or ())
        if ref.location not in self.read and not follows and self.document.blocks[leaf[0]].op == TENSOR:
            self.document = edits.set_value(self.document, leaf[0], self.value_of(ref.value))  # its first numbers: nothing read others
            self.given[leaf[0]] = ref.value
            return
        if self.document.blocks[leaf[0]].requires_grad:
            self.training.moves(event, self.given.get(leaf[0], -1))
            return
        if event.reads:
            self.at_location.setdefault(event.reads[0].location, leaf)  # as it was before
        known = self.of_site.get(self.same.get(event.site, event.site))
        place = (known, 0) if known is not None else self._call_in_place(event) or self.parts.part(event)
        if place is None or not self.parts.wrote(event, place):
            whose = self.at_location.get(self.parts.owner(ref.location), leaf)
            self.unwritten.setdefault(whose[0], event.line)
            return
        shape, dtype = self.recording.form(ref.value)
        self.forms.setdefault(place[0], (tuple(shape), str(dtype)))
        self.given.setdefault(place[0], ref.value)

    def _filled(self, event: Event) -> bool:
        """Whether w.data was written before anything was computed from w: then w has these numbers from the beginning."""
        ref = event.writes[0]
        owner = self.parts.owner(ref.location)
        leaf = self.at_location.get(owner)
        if leaf is None or owner == ref.location or owner in self.read or self.document.blocks[leaf[0]].op != TENSOR:
            return False
        value, before = self.value_of(ref.value), self.document.blocks[leaf[0]].value
        if before is None or before.shape != value.shape:
            return False
        self.document = edits.set_value(self.document, leaf[0], value)
        self.given[leaf[0]] = ref.value
        return True

    def _written_beside(self, event: Event) -> bool:
        """Whether a parameter is written beside the steps of an optimizer: clipped, say."""
        block = self.at_location.get(self.parts.owner(event.writes[0].location), ("", 0))[0]
        if not self.training.stepped or block not in self.document.blocks or not self.document.blocks[block].requires_grad:
            return False
        self.inexact.append(block)
        name = self.document.blocks[block].name
        self.told.say(f"line {event.line} writes into {name} beside the optimizer's steps: a training here does not", block)
        return True

    def _call_in_place(self, event: Event) -> tuple[str, int] | None:
        """The node that gives what a call like relu_, or mul_ by a tensor, leaves in a tensor; None where that is not sure."""
        name, reads, ref = str(event.detail.get("op", "")), event.reads, event.writes[0]
        whole = bool(reads) and event.detail.get("via") == "op" and len(self._places(event)) == len(reads)
        arrays = [a for a in self._read((*reads, ref)) if a is not None]
        if not whole or len(arrays) <= len(reads):
            return None
        shapes = [a.shape for a in arrays]
        found = call_of(name, event.detail.get("params") or {}, self._places(event), shapes[:-1], shapes[-1:])
        if found is None or found.entry.ports[0].many or any(read.location not in self.at_location for read in reads):
            return None
        found = self._with_numbers(event, found)
        fits = (c for c in found.choices or ({},) if near(_result(found, arrays[:-1], c), arrays[-1]))
        chosen = next(fits, None)
        if chosen is None:
            return None
        block = self._known(event, replace(found, settings={**found.settings, **chosen}))
        if block is None:
            return None
        self.of_site[event.site] = block
        if not event.grad_mode:
            self.quiet.append(block)
        return block, 0

    def _tidy(self) -> None:
        """Without the results of .data and .detach() that have no name and that no node reads: a step, or a picture, had them."""
        for site, block in self.of_site.items():
            unread = self.document.blocks[block].op == "torch.detach" and not self.document.users(block)
            if unread and not self.recording.sites[site].name:
                self.document = edits.remove(self.document, [block])

    def _check(self) -> None:
        """Run what was made: a view of what does not lie so is a reshape, and what gives other numbers than the script had is told."""
        ran = evaluate(self.document)
        for _ in range(ROUNDS):
            views = [self.document.blocks[b] for b, problem in ran.problems.items() if problem.startswith(NO_VIEW)]
            for block in views:
                params = {"shape" if k == "size" else k: v for k, v in block.params.items()}
                self.document = self.document.with_block(replace(block, op="torch.reshape", params=params))
            if not views:
                break
            ran = evaluate(self.document)
        tell_numbers(self.document, ran, self.recording, self.given, self.late, self.unwritten, self.told, steps=self.training.several)

    @staticmethod
    def _places(event: Event) -> list[int]:
        return list(event.detail.get("ports") or range(len(event.reads)))

    def _known(self, event: Event, call: Call) -> str | None:
        """A node for a row; None where something that it needs is no tensor of the graph."""
        site, found = self.recording.sites[event.site], call.entry
        document, block = edits.add(self.document, found.op, 0, 0, name=_named(site))
        names = call.ports
        for place, ref in zip(self._places(event), event.reads, strict=False):
            source = self.at_location.get(ref.location)
            if source is None:  # made before the recording began, or by an op without a row
                value = self.value_of(ref.value)
                document, made = edits.add(document, TENSOR, 0, 0, value=value)
                source = self.at_location[ref.location] = (made, 0)
            many = found.ports[0].many
            port = f"{names[0]}.{place}" if many else names[place] if place < len(names) else ""
            if port:
                document = edits.connect(document, source[0], block, port, source[1])
            else:
                self.told.say(f"an input of {found.title}", block)
        settings = self._with_numbers(event, call).settings
        arrays = [name for name, value in settings.items() if isinstance(value, str) and value.startswith(ARRAY)]
        for name in settings:
            if name not in arrays:
                document = self._set(document, block, found, name, settings[name])
        wired = self._arrays(document, block, replace(call, settings=settings), arrays, event) if arrays else document
        if wired is None or arguments_of(found, wired.blocks[block], dict(wired.inputs(block)))[2]:
            return None
        self.document = wired
        return block

    @staticmethod
    def _with_numbers(event: Event, call: Call) -> Call:
        """With the numbers that stood where tensors might."""
        numbers = {int(place): number for place, number in (event.detail.get("numbers") or {}).items() if number is not None}
        return replace(call, settings=call.settings | {call.ports[k]: number for k, number in numbers.items() if k < len(call.ports)})

    def _set(self, document: Document, block: str, found: Entry, name: str, value: Any) -> Document:
        setting = next((s for s in found.settings if s.name == name), None)
        frozen = _frozen(value)
        if setting is not None or name in {p.name for p in found.ports}:
            if setting is not None and setting.default == frozen:
                return document
            return edits.set_param(document, block, name, frozen)
        if value not in (None, False, 1, (), []):
            self.told.say(f"{name}={value} of {found.title}", block)
        return document

    def _arrays(self, document: Document, block: str, call_: Call, names: list[str], event: Event) -> Document | None:
        """Arrays that are no tensors of the graph (the classes that a loss compares with) are those tensors with such numbers that give
        what was recorded; None where there are none."""
        choices = [self._alike(document, call_.settings[name]) for name in names]
        if any(call_.entry.port(name) is None for name in names) or not all(choices):
            return None
        ports = [call_.ports[k] for k in self._places(event) if k < len(call_.ports)]
        settings = {k: v for k, v in document.blocks[block].params.items() if k not in names}
        some = replace(call_, ports=(*ports, *names), settings=settings)
        read, made = self._read(event.reads), self._read(event.writes[:1])
        for chosen in islice(product(*choices), TRIED):
            arrays = [self.recording.array(self.given[b]) for b in chosen]
            if any(a is None for a in (*read, *made)) or near(_result(some, [*read, *arrays], {}), made[0]):
                for name, source in zip(names, chosen, strict=True):
                    document = edits.connect(document, source, block, name)
                return document
        return None

    def _alike(self, document: Document, words: str) -> list[str]:
        """The blocks that may be an array of which a recording tells the shape; what was written comes before what was computed."""
        shape = tuple(int(n) for n in re.findall(r"\d+", words))
        some = [b for b, (form, _) in self.forms.items() if form == shape and not document.blocks[b].requires_grad]
        return sorted(some, key=lambda b: (self.forms[b][1].startswith("float"), document.blocks[b].op != TENSOR))

    def _read(self, refs: Sequence[Ref]) -> list[Array | None]:
        return [self.recording.array(ref.value) for ref in refs]

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
        if len(forms) != 1 or (rows := self._rows_taken(event)) is None:
            return None
        self.document, block = edits.add(self.document, TENSOR, 0, 0, value=rows)
        return [block]

    def _rows_taken(self, event: Event) -> Value | None:
        """Which rows x[[0, 2]] took, where each stands but once in x."""
        x, made = (self.recording.array(refs[0].value) for refs in (event.reads, event.writes))
        if (
            x is None
            or made is None
            or len(event.detail["params"]["key"]) != 1
            or made.shape[1:] != x.shape[1:]
            or x.size * len(made) > LARGEST
        ):
            return None
        same = (made[:, None] == x[None]).reshape(len(made), len(x), -1).all(-1)
        if not len(made) or not (same.sum(1) == 1).all():
            return None
        return Value((len(made),), tuple(float(k) for k in same.argmax(1)), "int64")

    def _inside(self, event: Event, name: str) -> str | None:
        """The last node of what the forward of a custom Function computed, where that is what it gave."""
        if not event.detail.get("grad_fn") or len(event.writes) != 1:
            return None
        found = next((b for b, values in self.turns.items() if values[-1][1] == event.writes[0].value), None)
        if found is None or self.document.blocks[found].op == TENSOR:
            return None
        inner = reach((found,), lambda b: [w.source for w in self.document.inputs(b).values() if b in self.quiet])
        self.quiet = [b for b in self.quiet if b not in inner]
        self.inexact.append(found)
        self.told.say(f"{name} stands as what its forward computes: its own backward is no node, and gradients go back through that", found)
        return found

    def _hook(self, event: Event) -> None:
        """A hook of a backward pass: retain_grad is a flag of a node, and what changes a gradient is told."""
        block, changes = self.of_site.get(event.site), bool(event.reads and event.writes) and event.reads[0].value != event.writes[0].value
        if event.detail.get("kind") == "retain_grad":
            if block is not None:
                self.document = self.document.with_block(replace(self.document.blocks[block], retain_grad=True))
        elif changes and block is None:
            self.hooked.add(event.site)
        elif changes and block is not None:
            self._tell_hook(block)

    def _hooked_leaf(self, event: Event) -> None:
        """Whether the gradient that a leaf gets was changed on its way to it."""
        if event.kind == Kind.ACCUMULATE and event.site in self.hooked and event.writes:
            found = self.at_location.get(event.writes[0].location - GRAD)
            if found is not None:
                self._tell_hook(found[0])

    def _tell_hook(self, block: str) -> None:
        self.inexact.append(block)
        self.told.say(f"a hook changes the gradient of {self.document.blocks[block].name}, and no node does that", block)

    def _unknown(self, event: Event, name: str) -> str:
        site = self.recording.sites[event.site]
        self.document, block = edits.add(self.document, TENSOR, 0, 0, name=_named(site), value=self.value_of(event.writes[0].value))
        flows = bool(event.detail.get("grad_fn"))
        if flows:
            self.inexact.append(block)
        more = ", and no gradient goes back through it" if flows else ""
        self.told.say(f"{name or 'an op'} is no node of the editor: its result stands as numbers{more}", block)
        return block


def from_recording(recording: Recording) -> Converted:
    """The document of a recording: each site once, with the values that its leaves had first.

    Raises:
        DocumentProblem: there is nothing that could become a graph, or too much.
    """
    return _Converter(recording).convert()


def _named(site: Site) -> str:
    """The variable, or the parameter of a layer (conv.weight) as one."""
    return re.sub(r"\W", "_", site.name)


def _result(call_: Call, given: Sequence[Any], settings: dict[str, Any]) -> Any:
    """What a call gives, None where it refuses."""
    from engine.creation.factories import leaf

    arguments = {port: leaf(array, False) for port, array in zip(call_.ports, given, strict=False)}
    try:
        return call(call_.entry, arguments, {**call_.settings, **settings}, seed=0, quiet=True)._data
    except Exception:  # any of PyTorch's refusals: it was called otherwise
        return None


def _frozen(value: Any) -> Param:
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(v) for v in value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def placed(document: Document, told: Collection[str] = ()) -> Document:
    """All blocks in layers, one connected part below the other; what stands in a frame is a part of its own, so that nothing else does.

    A frame begins behind what its nodes read, so that wires go on in one direction.

    Args:
        told: the blocks with words below their cards, which get room for them.
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
    sizes = np.array([(CARD[0], CARD[1] + (WORDS if b in told else 0.0)) for b in number])
    layout = layered(sizes, np.array(pairs, np.int64).reshape(-1, 2), groups=part)
    places = layout.positions.copy()
    for a, b in sorted(pairs, key=lambda pair: pair[1]):
        if b in framed and part[a] != part[b]:
            places[part == part[b], 0] += max(0.0, places[a, 0] + CARD[0] + APART - places[b, 0])
    return edits.move(document, {b: (float(places[k, 0]), float(places[k, 1])) for b, k in number.items()})
