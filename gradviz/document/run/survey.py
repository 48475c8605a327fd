"""What is known of a document without running it, kept up from edit to edit: an edit costs what it changes.

A block is asked again where it, its wires, or what arrives at it has changed, in the order in which blocks are computed; what reads a
block whose answer stayed the same is not asked. The order itself is kept up too: a wire that goes against it moves the blocks
between its ends (Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic graphs", 2006), no others.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from ..model import Document, WireKey, ordered
from ..wires import Links, differing, links
from ..wiring import broadcast, broadcasts
from .inference import Inferred, Spec, as_seen, infer, infer_block

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
NOTHING: Mapping[str, tuple[Spec, ...]] = {}  # of a document that was not run


class Survey:
    """What is inferred of a document, and which of its wires broadcast.

    Attributes:
        known: for each block what it gives; blocks of a cycle are missing. Another mapping where anything in it is another.
        troubled: blocks that have a problem, or are part of a cycle.
        others, stretched, turned: the blocks for which `known`, the wires for which `broadcasts`, and the blocks for which `troubled` is
            another than before the last `follow`.
    """

    def __init__(self) -> None:
        self.document = Document()
        self.known: dict[str, Inferred] = {}
        self.broadcasts: dict[WireKey, str] = {}
        self.troubled: frozenset[str] = frozenset()
        self.others: frozenset[str] = frozenset()
        self.stretched: frozenset[WireKey] = frozenset()
        self.turned: frozenset[str] = frozenset()
        self._seen = NOTHING
        self._places: dict[str, int] = {}  # of the blocks in an order of computing; none where there is a cycle
        self._end = 0

    def follow(self, document: Document, seen: Mapping[str, tuple[Spec, ...]] | None = None) -> None:
        """Another state of the document; `seen` is what a run of it gave."""
        before, self.document = self.document, document
        old, self._seen = self._seen, seen or NOTHING
        blocks, wires = differing(before.blocks, document.blocks), differing(before.wires, document.wires)
        found = links(document.wires)
        if not self._keep_order(document, blocks, wires, found):
            self._whole(document)
            return
        asked = {target for target, _ in wires}
        asked.update(blocks)
        for b in blocks:
            if (b in before.blocks) != (b in document.blocks):
                asked.update(found.targets(b))
        asked.update(_others(old, self._seen))
        self._ask(asked & document.blocks.keys(), [b for b in blocks if b not in document.blocks], wires, found)

    def _whole(self, document: Document) -> None:
        """Ask all of a document with a cycle."""
        self._places = {}
        before = self.known
        self.known = infer(document, self._seen)
        words = broadcasts(document, self.known)
        self.others, self.stretched = frozenset(_others(before, self.known)), frozenset(_others(self.broadcasts, words))
        self.broadcasts = words
        self._trouble(b for b in document.blocks if b not in self.known or self.known[b].problem)

    def _ask(self, asked: set[str], gone: list[str], wires: Sequence[WireKey], found: Links) -> None:
        document, places = self.document, self._places
        known, words = self.known, self.broadcasts  # copied before the first change
        others, stretched, troubled = set(gone), set[WireKey](), set(self.troubled)
        if gone:
            known = {b: made for b, made in known.items() if b in document.blocks}
            troubled.difference_update(gone)
        stretched.update(key for key in wires if key not in document.wires and key in words)
        if stretched:
            words = {key: text for key, text in words.items() if key not in stretched}
        ready = [(places[b], b) for b in asked]
        heapq.heapify(ready)
        queued = set(asked)
        while ready:
            block_id = heapq.heappop(ready)[1]
            inputs = found.inputs.get(block_id, {})
            made, last = as_seen(infer_block(document.blocks[block_id], inputs, known), self._seen.get(block_id, ())), known.get(block_id)
            if made is not last and made != last:
                known = dict(known) if known is self.known else known
                known[block_id] = made
                others.add(block_id)
                for user in found.targets(block_id):
                    if user not in queued and user in places:
                        queued.add(user)
                        heapq.heappush(ready, (places[user], user))
            (troubled.add if made.problem else troubled.discard)(block_id)
            for port, wire in inputs.items():
                key = (block_id, port)
                text = broadcast(document, key, wire, known)
                if text != words.get(key, ""):
                    stretched.add(key)
                    words = dict(words) if words is self.broadcasts else words
                    words[key] = text
                    if not text:
                        del words[key]
        self.known, self.broadcasts = known, words
        self.others, self.stretched = frozenset(others), frozenset(stretched)
        self._trouble(troubled)

    def _trouble(self, blocks: Iterable[str]) -> None:
        before, self.troubled = self.troubled, frozenset(blocks)
        self.turned = self.troubled ^ before

    def _keep_order(self, document: Document, blocks: Sequence[str], wires: Sequence[WireKey], found: Links) -> bool:
        """Whether there is an order of computing; then `_places` is one."""
        places = self._places
        if not places and document.blocks:
            return self._new_order(document)
        for block_id in blocks:
            if block_id not in document.blocks:
                places.pop(block_id, None)
            elif block_id not in places:
                places[block_id] = self._end
                self._end += 1
        against = []
        for key in wires:
            wire = document.wires.get(key)
            if wire is not None and places.get(wire.source, -1) >= places.get(key[0], self._end):
                against.append((wire.source, key[0]))
        if len(against) > 1:
            return self._new_order(document)
        return not against or _reorder(places, found, *against[0])

    def _new_order(self, document: Document) -> bool:
        order = ordered(document)
        whole = len(order) == len(document.blocks)
        self._places = {b: k for k, b in enumerate(order)} if whole else {}
        self._end = len(order)
        return whole


def _reorder(places: dict[str, int], found: Links, source: str, target: str) -> bool:
    """Put what `target` leads to behind what leads to `source`, the one wire against the order; False where they form a circle."""
    low, high = places[target], places[source]
    after = _within(target, found.targets, lambda b: places.get(b, high + 1) <= high)
    if source in after:
        return False
    before = _within(source, found.sources, lambda b: places.get(b, low - 1) >= low)
    moved = [*sorted(before, key=places.__getitem__), *sorted(after, key=places.__getitem__)]
    free = sorted(places[b] for b in moved)
    for block_id, place in zip(moved, free, strict=True):
        places[block_id] = place
    return True


def _within(start: str, step: Callable[[str], Iterable[str]], inside: Callable[[str], bool]) -> set[str]:
    seen, stack = {start}, [start]
    while stack:
        for other in step(stack.pop()):
            if other not in seen and inside(other):
                seen.add(other)
                stack.append(other)
    return seen


def _others(before: Mapping[K, V], after: Mapping[K, V]) -> list[K]:
    """The keys whose values are not equal."""
    return [k for k in differing(before, after) if before.get(k) != after.get(k)]
