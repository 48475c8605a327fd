"""An interrupt that comes where Python would swallow it comes again."""

from __future__ import annotations

import os
import signal
import time
import weakref
from collections.abc import Iterator

import pytest

from gradviz.running import interrupts


class Dropped:
    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0)  # the handler runs here, and what it raises goes to nobody


class Held:
    pass


def wait() -> None:
    for _ in range(500):
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def _python_handles_interrupts() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite that runs in the background ignores them
    yield
    signal.signal(signal.SIGINT, before)


def test_one_in_a_destructor_is_not_lost() -> None:
    with interrupts.kept(), pytest.raises(KeyboardInterrupt):
        Dropped()
        wait()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_in_the_callback_of_a_weak_reference_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    held = weakref.WeakValueDictionary({1: Held()})
    kept_alive = Held()
    held[2] = kept_alive
    remove = weakref._remove_dead_weakref  # type: ignore[attr-defined]

    assert remove is not None
    with interrupts.kept(), pytest.raises(KeyboardInterrupt):
        monkeypatch.setattr(held, "_pending_removals", _Interrupting())
        held._iterating = {1}  # type: ignore[attr-defined]  # then the callback appends to what interrupts
        del kept_alive
        wait()


class _Interrupting(list):  # type: ignore[type-arg]
    def append(self, item: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0)
        super().append(item)


def test_any_other_is_raised_where_it_comes() -> None:
    with interrupts.kept(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)
