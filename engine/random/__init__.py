"""torch.random: the default stream of random numbers, its seed and its state.

What is drawn from a stream stands in draws.py and rarer_draws.py, the constructors of random tensors in creation/sampling.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .generator import Generator

default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Start the default stream again."""
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Start the default stream from a random place."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default stream."""
    return default_generator.initial_seed()


def get_rng_state() -> Any:
    """State of the default stream."""
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Set the state of the default stream."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, **_: Any) -> Iterator[None]:
    """The default stream goes on after the block as if nothing had been drawn inside."""
    state = default_generator.get_state() if enabled else None
    try:
        yield
    finally:
        if state is not None:
            default_generator.set_state(state)


__all__ = ["default_generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"]
