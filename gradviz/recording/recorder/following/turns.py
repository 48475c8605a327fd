"""Turns: which steps are followed, which are learned, and the rows that are owed for those that came as foretold."""

from __future__ import annotations

import array
from _thread import _count as other_threads  # threading.active_count takes ten times as long
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import length_hint
from threading import get_ident, main_thread
from typing import Any

import numpy as np

from engine import events

from .learner import LEARNED, RECENT, WHOLE, Learner
from .passes import Passes
from .pattern import Expected, Pattern, Steps, Turn

_MOST = 16384  # rows that may be owed
_STRAYED = 256  # events from other instructions until the step is learned again
_PATIENCE = 64  # steps without a look for a pattern, at most


class Turns:
    """Begins and ends the steps of a recorder; what happens inside one is for `Follower`.

    Args:
        recorder: whose methods give way while a step is followed.
    """

    def __init__(self, recorder: Any) -> None:
        self._recorder = recorder
        self._kind = type(recorder)
        self._write = recorder._write
        self._values = recorder._values
        self._counts = recorder.sites.counts
        self._sites = recorder._tensor_sites
        self._put = self._sites.append
        self._pend = self._values._pending.append
        self._patterns: dict[Any, Pattern] = {}
        self._passes: dict[Any, Passes] = {}
        self._missed: dict[Any, int] = {}  # how many turns in a row were lost
        self._waits: dict[Any, list[int]] = {}  # steps to let pass before the next look, and how many the time after that
        self._learner: Learner | None = None
        self._key: Any = None
        self._turns: list[Turn] = []  # owed
        self.owed = 0  # rows of theirs
        self._fresh()
        self._turn: Turn | None = None
        self._left: Any = iter(())
        self._next: Callable[[], Any] = iter(((None, 0),)).__next__
        self._now: Expected | None = None  # the event whose row comes whole
        self._starts: dict[Any, int] = {}  # how many tensors there were when the latest step began
        self._thread = 0
        self._strayed = 0  # how often an event came from another instruction than when it was learned
        self._counted = 0  # so many of what is expected stand in the counters of the sites
        self._threads = other_threads() + 1  # one hands over; a script with threads of its own is not followed
        self._call = self._tensor = 0
        self._follow = self.follow
        self._stand: dict[str, Callable[..., None]] = {name: getattr(self, name) for name in LEARNED}  # what stands in their place

    def _fresh(self) -> None:
        self._gathered = array.array("i")
        self._gather = self._gathered.append
        self._whole = bytearray()

    # Steps.

    @property
    def noted(self) -> int:
        """How many events came whose rows are not written."""
        return self.owed + self._done() if self._turn is not None else self.owed

    def _done(self) -> int:
        """How many rows of this turn are foretold so far."""
        expected = self._turn.pattern.expected  # type: ignore[union-attr]
        done: int = expected[-(length_hint(self._left) or 1)][1]
        return done

    def boundary(self, key: Any, *, again: bool = True) -> None:
        """A step is over, and another one begins, of a loop's body that is known as `key`: follow it, or learn it, or let it pass.

        `again`: at the start of the body, what stands at each place is counted from the start.
        """
        if not again:
            self.count()
        pattern = self._patterns.get(key)
        may = events.intervention is None and self._recorder._lent < 0 and other_threads() <= self._threads
        if self._turn is None or pattern is None or not may or not self._whole_turn():
            self.end(again=True)
            self._key = key
            if not may:
                return
            if pattern is None:
                self._look(key)
                return
            self._recorder.__dict__.update(self._stand, _write=self._row)
        self._key = key
        self._left = iter(pattern.expected)
        self._next = self._left.__next__
        self._call, self._tensor = self._recorder._calls, len(self._sites) - RECENT
        self._thread = get_ident()
        self._counted = 0
        self._turn = Turn(pattern, self._call, self._tensor, self._gathered, self._whole)
        events.terse, events.follows = pattern.terse, self._follow

    def follow(self, root: Any, cotangent: Any, retain: bool) -> bool:
        """A pass begins: run it by its course, if that is known."""
        turn = self._turn
        if turn is None:
            return False
        expected = turn.pattern.expected
        run = self._passes[self._key].known(len(expected) - length_hint(self._left), root, self._call, self._tensor, retain)
        return run is not None and run(root, cotangent, self)

    def _look(self, key: Any) -> None:
        wait = self._waits.setdefault(key, [0, 1])
        if wait[0]:
            wait[0] -= 1
            return
        recorder = self._recorder
        self._learner = learner = Learner(recorder, self._starts.get(key, len(self._sites)))
        recorder.__dict__.update({name: learner.method(name) for name in LEARNED}, _write=learner.write)

    def _whole_turn(self) -> bool:
        """Whether this turn came to its end; then its rows are owed."""
        turn = self._turn
        assert turn is not None
        if length_hint(self._left) != 1:
            return False
        if self._missed:
            self._missed.pop(self._key, None)
        if self._strayed > _STRAYED:
            self._strayed = 0
            self._patterns.pop(self._key, None)
            self._waits[self._key][0] = 0
        self._turns.append(turn)
        self.owed += turn.stop
        if self.owed > _MOST:
            self._turn = None
            try:
                self.pay()
            except KeyboardInterrupt:  # the script may go on after it
                self._plain()
                raise
        return True

    def starts(self, key: Any) -> None:
        """A step of that loop has begun."""
        self._starts[key] = len(self._sites)

    def inner(self) -> None:
        """A loop begins, turns or ends inside a step: it must know what stands at each place so far."""
        self.count()
        if self._learner is not None:
            self._learner.loops = True

    def count(self, but: Expected | None = None) -> None:
        """Count what stands at each place, where that was not done op by op; `but`: this one did not come."""
        turn = self._turn
        if turn is None:
            return
        expected, recorder = turn.pattern.expected, self._recorder
        start, self._counted = self._counted, len(expected) - length_hint(self._left)
        for e in expected[start : self._counted]:
            if e[0].__class__ is not int and e[0] is not None and e is not but:
                call = e[3]
                if call.counted is None:
                    self._counts[call.cell] = call.occurrence + 1
                if call.tracked:
                    recorder._tracked = self._call + call.call

    def end(self, *, again: bool = False) -> None:
        """The step is over, and there is nothing more to foretell."""
        if not again:
            self.count()
        learner = self._learner
        if self._turn is not None:
            if self._whole_turn():
                self._plain()
                self.pay()
            else:
                self._stop(self._done())
                self._miss()
        elif learner is not None:
            self._plain()
            self._learner = None
            pattern = learner.pattern()
            wait = self._waits[self._key]
            wait[1] = min(2 * wait[1], _PATIENCE)
            if pattern is not None and len(pattern.whole) < pattern.size:
                self._patterns[self._key] = pattern
                self._passes[self._key] = Passes(pattern.expected)
            else:
                wait[0] = wait[1]

    def _plain(self) -> None:
        """The recorder's own methods again."""
        own = self._recorder.__dict__
        for name in LEARNED:
            own.pop(name, None)
        own["_write"] = self._write
        self._turn = None
        events.terse = False

    def _miss(self) -> None:
        """A turn was lost; of many in a row another pattern is learned."""
        key = self._key
        missed = self._missed[key] = self._missed.get(key, 0) + 1
        if missed > 1:
            self._patterns.pop(key, None)
            self._missed.pop(key)
            self._waits[key][0] = self._waits[key][1]

    def pay(self, everything: bool = False) -> None:
        """Write the rows that are owed; with `everything` also those of the turn that goes on, if it is this thread's."""
        if everything and self._turn is not None and get_ident() == self._thread:
            self.count()
            self._stop(self._done())
        if not self._turns:
            return
        with self._undisturbed():
            turns, self._turns = self._turns, []
            if not turns:
                return
            running = self._turn
            gathered, whole = self._gathered, self._whole
            numbers = np.frombuffer(gathered[:], np.int32)  # a copy: the program may go on meanwhile
            behind = running.start if running is not None else len(gathered)
            start = 0
            while start < len(turns):
                pattern, stop = turns[start].pattern, start + 1
                while stop < len(turns) and turns[stop].pattern is pattern:
                    stop += 1
                some = turns[start:stop]
                end = turns[stop].start if stop < len(turns) else behind
                end_whole = turns[stop].whole_start if stop < len(turns) else running.whole_start if running is not None else len(whole)
                given = np.frombuffer(bytes(whole[some[0].whole_start : end_whole]), np.int32)
                self._recorder._rows.add(
                    Steps(
                        pattern,
                        [t.call for t in some],
                        [t.tensor for t in some],
                        numbers[some[0].start : end].reshape(len(some), -1),
                        given,
                    )
                )
                start = stop
            self.owed = 0
            if running is None:
                self._fresh()
            elif get_ident() == self._thread:  # what came before this turn is let go of; in another thread it would be written to meanwhile
                self._fresh()
                self._turn = Turn(running.pattern, running.call, running.tensor, self._gathered, self._whole)
                self._gathered.extend(gathered[running.start :])
                self._whole += whole[running.whole_start :]

    def _stop(self, done: int) -> None:
        """Write what is owed and the first `done` events of this turn, and note everything in full from here on."""
        if self._turn is None:
            return
        with self._undisturbed():
            turn, recorder = self._turn, self._recorder
            before = turn.pattern.before
            calls, tensors = recorder._calls - turn.call, len(self._sites) - turn.tensor
            have = len(self._gathered) - turn.start
            while done and (before[done][0] > have or before[done][2] > calls or before[done][3] > tensors):
                done -= 1  # interrupted in the middle of it
            turn.stop = done
            whole = done == turn.pattern.size
            if whole:
                self._turns.append(turn)
                self._turn = None
            self.pay()  # while the turn stands: what was gathered for it is none of the others'
            self._plain()
            if done and not whole:
                self._write(turn.rows(done).tobytes())
            self._fresh()

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """No other thread hands over meanwhile, and an interrupt (the window's Stop) waits: it would lose what is being written."""
        recorder = self._recorder
        mine, before = get_ident() == main_thread().ident, recorder.sealing
        recorder.sealing |= mine
        try:
            with recorder._lock:
                yield
        finally:
            if mine:
                recorder.sealing = before
        if mine and not before and recorder.interrupted:
            recorder.interrupted = False
            raise KeyboardInterrupt

    def _lose(self, expected: Expected, name: str, *args: Any, **named: Any) -> None:
        """Not what was expected: this event and what follows are noted in full; or it is one of those that are noted in full anyway."""
        recorder = self._recorder
        method = getattr(self._kind, name)
        if self._turn is not None and expected[0] is WHOLE:
            self._now = expected
        elif self._turn is not None:
            turn = self._turn
            index = expected[1]
            del self._gathered[turn.start + turn.pattern.before[index][0] :]
            self.count(expected)
            self._stop(index)
            self._miss()
        if name in ("op", "view"):
            recorder.places.depths.pop(args[0].name, None)  # this frame stands between
        try:
            method(recorder, *args, **named)
        finally:
            self._now = None
            if name in ("op", "view"):
                recorder.places.depths.pop(args[0].name, None)

    def _row(self, row: bytes) -> None:
        """A row is noted in full: is it the one that comes whole here?"""
        turn = self._turn
        if turn is None:
            self._write(row)
            return
        if get_ident() != self._thread:  # of another thread: behind those of this turn
            self._foreign(row)
            return
        expected = self._now
        if expected is None:
            expected = self._next()
        self._now = None
        recorder = self._recorder
        if expected[0] is WHOLE:
            _, _, head, calls, tensors = expected
            if (
                int.from_bytes(row[:4], "little") == head
                and recorder._calls - turn.call == calls
                and len(self._sites) - turn.tensor == tensors
            ):
                self._whole += row
                return
        self.count(expected)
        self._stop(expected[1])
        self._miss()
        self._write(row)

    def _foreign(self, row: bytes) -> None:
        turn = self._turn
        if turn is not None:
            self.count()
            self._stop(self._done())
        self._write(row)
