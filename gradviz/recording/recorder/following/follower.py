"""Following: a step that was noted before is compared with its pattern while it runs, and its rows are written later.

What an event adds to the one before is looked at in a few comparisons; most of a backward pass follows from the graph, and the
graph from the ops, so that there is nothing to look at but which event it is. Whatever does not fit ends the turn: the rows
so far are written, and the event is noted in full. The recording is the same, bit for bit (`both_ways.py` beside the tests).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from engine import modes
from engine.graph.owned import BASE_HELD, HELD
from engine.tensor import Tensor

from ..forward import constants_of
from ..rows import IN_BACKWARD
from .calls import SAME, Call, led
from .learner import ACCUMULATE, BEGIN, BIND, DELIVER, END, FREE, SAVED, SEED, STEP, TURN, VJP, ZERO
from .turns import Turns

_getframe = sys._getframe
_new = object.__new__
_ndarray = np.ndarray


class Follower(Turns):
    """What takes the place of the recorder's methods while a step is followed."""

    def turn(self, loop: Any, template: int) -> None:
        """See Recorder."""
        expected = self._next()
        recorder = self._recorder
        if not loop.place:
            loop.place = recorder._place_of_line(loop.line)
        if expected[0] is TURN and expected[2:] == (recorder._state, loop.line, loop.place, template):
            self._gather(loop.iteration)
        else:
            self._lose(expected, "turn", loop, template)

    def bind_name(self, name: str, tensor: Any, line: int, *, owner: str = "", rename: bool = True) -> None:
        """See Recorder."""
        expected = self._next()
        if expected[0] is BIND and not rename:
            _, _, depth, code, lasti, outer, of, by, at, wanted = expected
            if name == of and line == at and owner == by and _at(depth, code, lasti, outer):
                mark = tensor._mark
                if mark is not None and (mark[0] - self._tensor == wanted if wanted.__class__ is int else self._older(tensor, *wanted)):
                    return
        self._lose(expected, "bind_name", name, tensor, line, owner=owner, rename=rename)

    def op(self, op: Any, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Any, ...]) -> None:
        """See Watcher.

        Hot path: once an op of a step that repeats itself (benchmark rows `engine/W1 recorded`, `engine/W2 recorded`).
        """
        expected = self._next()
        if expected[0] is op:
            follow = expected[2]
            if (follow is not None and follow(self, inputs, params, outputs)) or self._compared(op, inputs, params, outputs, expected[3]):
                return
        self._lose(expected, "view" if op.view else "op", op, inputs, params, outputs)

    def _compared(self, op: Any, inputs: Sequence[Any], params: dict[str, Any], outputs: tuple[Any, ...], call: Call) -> bool:
        """Whether an op is as foretold; then it is noted."""
        outer, output = call.outer, outputs[0]
        node = output._node
        try:
            frame = _getframe(call.depth + 1)
            here = frame.f_lasti == call.lasti and frame.f_code is call.code and (not outer or led(outer, 2))
            if not (
                (here or self._here(_getframe(2)) == call.place)
                and (call.counted is None or self._counts[call.cell] == call.occurrence)
                and len(inputs) == len(call.ins)
                and (node is not None) is call.tracked
                and self._reads(inputs, call.ins)
            ):
                return False
        except (AttributeError, TypeError, ValueError):  # no tensor, or one that nobody was told of; a stack that is not that deep
            return False
        versions = [each._storage.version for each in outputs]
        if bool(modes.saved_hooks) is not call.hooked or len(outputs) != len(call.versioned):
            return False
        if any(version and not wanted for version, wanted in zip(versions, call.versioned, strict=True)):
            return False
        gather, values, site = self._gather, self._values, call.site
        if call.mode != SAME:
            gather(self._template(op, inputs, params, node, site, call.reads))
        elif params:
            return False
        for each, version, wanted in zip(outputs, versions, call.versioned, strict=True):
            if wanted:
                gather(version)
            value = values.number(each._data)
            gather(value)
            each._mark = [len(self._sites), value, version, values.foreign_writes]
            self._put(site)
        if call.counted is not None:
            self._counts[call.cell] = call.occurrence + 1
        recorder, number = self._recorder, self._call + call.call
        recorder._calls = number + 1
        if node is not None:
            node._mark = [number, site, self._turn, call.place]
            recorder._last_outputs = outputs
        return True

    def _reads(self, inputs: Sequence[Any], ins: tuple[Any, ...]) -> bool:
        """Whether an op reads what was foretold."""
        base = self._tensor
        for item, wanted in zip(inputs, ins, strict=True):
            if wanted.__class__ is int:
                if item._mark[0] - base != wanted:
                    return False
            elif wanted is not None and not self._older(item, *wanted):
                return False
        return True

    view = op

    def _here(self, frame: Any) -> int:
        """The place in the script that led to a frame; asked where it is at another instruction: of what runs often Python makes others."""
        self._strayed += 1
        return int(self._recorder.places.here(frame))

    def _older(self, item: Any, number: int, bucket: Any) -> bool:
        """Whether an input is the tensor of that number, from before this step or with a version; both are gathered."""
        mark = item._mark
        version = mark[2]
        if version != item._storage.version or mark[3] != self._values.foreign_writes:
            return False
        if (mark[0] - self._tensor if number >= 0 else ~mark[0]) != number:
            return False
        if item._node is None and item._requires_grad is (bucket is None):
            return False
        if bucket is not None and bucket is not item._accumulator:
            return False
        self._gather(version)
        self._gather(mark[1])
        return True

    def _template(self, op: Any, inputs: Sequence[Any], params: dict[str, Any], node: Any, site: int, reads: int) -> int:
        """The template of an op with other numbers or params than those that were learned."""
        recorder = self._recorder
        key = (site, reads, constants_of(inputs, params), node is None)
        template: int | None = recorder._op_templates.get(key)
        return int(recorder._op_template(key, op, inputs, params, node)) if template is None else template

    def save(self, node: Any, name: str, tensor: Any, version: int) -> None:
        """See Watcher. What a node saves follows from its op."""
        expected = self._next()
        if expected[0] is not SAVED:
            self._lose(expected, "save", node, name, tensor, version)

    def backward_begin(self, roots: Sequence[Any], grads: Sequence[Any], retain_graph: bool, create_graph: bool) -> None:
        """See Watcher."""
        expected = self._next()
        if expected[0] is BEGIN and len(roots) == 1:
            _, _, depth, code, lasti, outer, place, root, retain, create = expected
            recorder = self._recorder
            if (
                (_at(depth, code, lasti, outer) or self._here(_getframe(1)) == place)
                and retain is bool(retain_graph)
                and create is bool(create_graph)
            ):
                number, _, version, value = recorder._ref(roots[0])
                if (number - self._tensor if root >= 0 else ~number) == root and not recorder._pass_places:
                    if recorder.clock.fresh():
                        with recorder._lock:
                            recorder.clock.backward(recorder._sent[0])
                    recorder._state |= IN_BACKWARD
                    recorder._pass_places.append(place)
                    recorder._pass_place = place
                    self._gather(version)
                    self._gather(value)
                    return
        self._lose(expected, "backward_begin", roots, grads, retain_graph, create_graph)

    def seed(self, node: Any, cotangent: Any) -> None:
        """See Watcher."""
        expected = self._next()
        if expected[0] is SEED:
            values = self._values
            self._gather(values.number(cotangent) if cotangent.ndim else values.lasting(cotangent))
        else:
            self._lose(expected, "seed", node, cotangent)

    def vjp(self, node: Any, cotangents: Sequence[Any], grads: Sequence[Any]) -> None:
        """See Watcher."""
        expected = self._next()
        if expected[0] is VJP and node.attached is None:
            _, _, call, many, some, none, given, asked = expected
            mark = node._mark
            if (
                mark is not None
                and mark[0] - self._call == call
                and len(grads) == many
                and (len(cotangents) == 1 if given is None else tuple([c is not None for c in cotangents]) == given)
            ):
                for k in none:
                    if grads[k] is not None:
                        break
                else:
                    values, gather = self._values, self._gather
                    for nr in asked:
                        gather(values.number(cotangents[nr]))
                    for k in some:
                        array = grads[k]
                        if array is None:
                            break
                        value = values.numbers.get(id(array))
                        gather(values.number(array) if value is None else value)
                    else:
                        return
        self._lose(expected, "vjp", node, cotangents, grads)

    def deliver(
        self, source: Any, input_nr: int, target: Any, output_nr: int, increment: Any, total: Any, arrived: int, expected: int
    ) -> None:
        """See Watcher. What is delivered is what the vjp gave; how many are to come depends on all of the graph, also on what is older."""
        wanted = self._next()
        if wanted[0] is DELIVER and wanted[2] is (total is increment) and wanted[4] == (arrived, expected):
            number = self._values.number
            if wanted[3]:
                self._gather(number(increment))
            if not wanted[2]:
                self._gather(number(total))
            return
        self._lose(wanted, "deliver", source, input_nr, target, output_nr, increment, total, arrived, expected)

    def accumulate(self, node: Any, leaf: Any, first: bool, increment: Any, after: Any) -> None:
        """See Watcher."""
        expected = self._next()
        if expected[0] is ACCUMULATE and node.attached is None:
            _, _, call, number, wanted, new, site, asked = expected
            mark, of_leaf = node._mark, leaf._mark
            held = leaf._grad
            have = held._mark
            if (
                mark is not None
                and of_leaf is not None
                and (mark[0] - self._call if call >= 0 else ~mark[0]) == call
                and (of_leaf[0] - self._tensor if number >= 0 else ~of_leaf[0]) == number
                and first is wanted
                and (have is None) is new
            ):
                values, recorder = self._values, self._recorder
                if asked:
                    self._gather(values.number(increment))
                version = held._storage.version
                same = first and after.shape == increment.shape and after.dtype is increment.dtype
                value = values.copied(after, increment) if same else values.number(after)
                if new:
                    tensors = self._sites
                    recorder._is_grad_of(len(tensors), of_leaf[0], leaf)
                    held._mark = [len(tensors), value, version, values.foreign_writes]
                    tensors.append(site)
                else:
                    held._mark = [have[0], value, version, values.foreign_writes]
                self._gather(version)
                self._gather(value)
                return
        self._lose(expected, "accumulate", node, leaf, first, increment, after)

    def landed(self, leaf: Any, increment: Any, site: int, asked: bool) -> None:
        """A leaf that has no `.grad` gets its first one; as `firing.accumulate` and `accumulate` here, where it was made sure of."""
        values, recorder = self._values, self._recorder
        held = leaf._grad = _new(Tensor)
        value = values.number(increment)
        base = increment.base
        # Only the pass has it, and the values: before it is written to they copy it. Behind a view there may be one more of the pass.
        held_too = values.holds(increment, value)
        alone = getrefcount(increment) < HELD + held_too and increment.flags.carray
        if alone and (base is None or (base.__class__ is _ndarray and base.size == increment.size and getrefcount(base) <= BASE_HELD + 1)):
            held._data = increment
        else:
            after = held._data = increment.copy()
            value = values.copied(after, increment)
        if asked:
            self._gather(value)
        sites = self._sites
        recorder._is_grad_of(len(sites), leaf._mark[0], leaf)
        held._mark = [len(sites), value, 0, values.foreign_writes]
        sites.append(site)
        self._gather(0)
        self._gather(value)

    def free_saves(self, node: Any) -> None:
        """See Watcher."""
        expected = self._next()
        if expected[0] is FREE:
            node._mark[2] = []
        else:
            self._lose(expected, "free_saves", node)

    def backward_end(self, error: BaseException | None) -> None:
        """See Watcher."""
        expected = self._next()
        if expected[0] is END and error is None:
            recorder = self._recorder
            recorder._pass_places.pop()
            recorder._pass_place = 0
            recorder._state &= ~IN_BACKWARD
            if self._values.pending_bytes > recorder._seal_bytes:
                recorder._relieve()
        else:
            self._lose(expected, "backward_end", error)

    def zero_grad(self, leaf: Any, set_to_none: bool) -> None:
        """See Watcher."""
        expected = self._next()
        if expected[0] is ZERO and set_to_none:
            _, _, depth, code, lasti, outer, place, number = expected
            mark = leaf._mark
            if (
                mark is not None
                and (mark[0] - self._tensor if number >= 0 else ~mark[0]) == number
                and (_at(depth, code, lasti, outer) or self._here(_getframe(1)) == place)
            ):
                return
        self._lose(expected, "zero_grad", leaf, set_to_none)

    def optimizer_step(self, optimizer: Any, param: Any, grad: Any, after: Any, skipped: bool) -> None:
        """See Watcher."""
        expected = self._next()
        if expected[0] is STEP and not skipped and grad is not None:
            _, _, depth, code, lasti, outer, place, number, of, renamed, numbers, keys = expected
            recorder, gather = self._recorder, self._gather
            mark = param._mark
            kept = optimizer.state.get(param) if optimizer.keeps_of_each else None
            held = [(key, state) for key, state in kept.items() if hasattr(state, "_mark")] if kept else []
            if (
                mark is not None
                and (mark[0] - self._tensor if number >= 0 else ~mark[0]) == number
                and of() is optimizer
                and renamed == recorder.states.renamed
                and (tuple([key for key, _ in held]) == keys if held else not keys)
                and (_at(depth, code, lasti, outer) or self._here(_getframe(1)) == place)
            ):
                read: list[int] = []
                for (_, state), n in zip(held, numbers, strict=True):
                    mark = state._mark
                    if mark is None or ~mark[0] != n:
                        break
                    read += (mark[2], mark[1])
                else:
                    gather(self._values.number(grad))
                    for each in read:
                        gather(each)
                    for tensor in (param, *[state for _, state in held]) if held else (param,):
                        _, _, version, value = recorder._ref(tensor)
                        gather(version)
                        gather(value)
                    return
        self._lose(expected, "optimizer_step", optimizer, param, grad, after, skipped)


def _at(depth: int, code: Any, lasti: int, outer: tuple[tuple[int, Any, int], ...]) -> bool:
    """Whether the method that was told stands below the frame of the script at this instruction."""
    try:
        frame = _getframe(depth + 1)
        return frame.f_lasti == lasti and frame.f_code is code and led(outer, 2)
    except ValueError:  # the stack is not that deep
        return False
