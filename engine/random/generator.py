"""PyTorch's CPU generator: mt19937, one stream of 32-bit words, and a spare normal."""

from __future__ import annotations

import math
import secrets
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

Array = np.ndarray[Any, Any]


_STATE = np.dtype(
    [
        ("seed", "<u8"), ("left", "<i4"), ("seeded", "<i4"), ("next", "<u8"), ("words", "<u8", 624), ("unused", "<f8"), ("spare", "<f8"),
        ("unused too", "<f8"), ("has_spare", "<i4"), ("gap", "<i4"), ("float spare", "<f4"), ("has float spare", "<i4"),
    ]
)  # fmt: skip


_HALF, _MANTISSA32, _MANTISSA64 = np.uint64(32), np.uint64(2**24 - 1), np.uint64(2**53 - 1)


class _Unseeded(ISeedSequence):
    """No seed: `manual_seed` gives one, and asking the system for another takes a hundred times as long."""

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Any:
        """Ones."""
        return np.ones(n_words, dtype)


_UNSEEDED: Any = _Unseeded()


class Generator:
    """A stream of random numbers (torch.Generator).

    `words` and `doubles` are what every distribution draws from; PyTorch takes words in element order, serially.
    """

    def __init__(self, device: Any = "cpu") -> None:
        self._device = device
        self._bits = np.random.MT19937(_UNSEEDED)
        self._words = np.random.RandomState(self._bits)  # its seeds, and its state
        self.spare_normal: float | None = None
        self._seed = 0
        self._drawn = False  # since the last start
        self.manual_seed(67280421310721)

    @property
    def device(self) -> Any:
        """Always the CPU."""
        from ..tensor import CPU

        return CPU

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream again; the same seed gives PyTorch's numbers."""
        if not isinstance(seed, (int, np.integer)):
            if not hasattr(seed, "__index__"):
                raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
            seed = seed.__index__()
        if not -(2**63) <= int(seed) < 2**64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = int(seed) % 2**64
        self._words.seed(self._seed & 0xFFFFFFFF)
        self.spare_normal = None
        self._drawn = False
        return self

    def seed(self) -> int:
        """Start from a random place."""
        chosen = secrets.randbits(64)
        self.manual_seed(chosen)
        return chosen

    def initial_seed(self) -> int:
        """The seed of the last start."""
        return self._seed

    def _raw(self, n: int) -> Array:
        """(n,) uint64: a word each."""
        self._drawn = self._drawn or n > 0
        return self._bits.random_raw(n)

    def words(self, n: int) -> Array:
        """(n,) uint32."""
        return self._raw(n).astype(np.uint32)

    def longs(self, n: int) -> Array:
        """(n,) uint64: two words each, the first one high."""
        w = self._raw(2 * n)
        made = w[::2] << _HALF
        made |= w[1::2]
        return made

    def doubles(self, n: int) -> Array:
        """(n,) float64 in [0, 1)."""
        return (self.longs(n) & _MANTISSA64).astype(np.float64) * 2.0**-53

    def floats(self, n: int) -> Array:
        """(n,) float32 in [0, 1)."""
        return (self._raw(n) & _MANTISSA32).astype(np.float32) * np.float32(2.0**-24)

    def normals(self, n: int) -> Array:
        """(n,) float64 standard normals by pairs, as for fewer than 16 elements; the spare one is kept for the next call."""
        out: list[float] = []
        if n and self.spare_normal is not None:
            out.append(self.spare_normal)
            self.spare_normal = None
        missing = n - len(out)
        pairs = (missing + 1) // 2
        if pairs > 0:
            u = self.doubles(2 * pairs).reshape(pairs, 2)
            for u1, u2 in u.tolist():
                r = math.sqrt(-2.0 * math.log1p(-u2))
                t = 2.0 * math.pi * u1
                out += [r * math.cos(t), r * math.sin(t)]
            if missing % 2:
                self.spare_normal = out.pop()
        return np.array(out, np.float64)

    def get_state(self) -> Any:
        """The whole state as a ByteTensor, laid out as PyTorch's (aten/src/ATen/CPUGeneratorImpl.cpp)."""
        from ..tensor import Tensor

        words: Any = self._words.get_state(legacy=True)
        record = np.zeros((), _STATE)
        at = int(words[2])
        fresh = at == 624 and not self._drawn
        record["seed"], record["seeded"], record["left"], record["next"] = self._seed, 1, 625 - at, 0 if fresh else at
        record["words"] = words[1]
        if self.spare_normal is not None:
            record["spare"], record["has_spare"] = self.spare_normal, 1
        return Tensor._of(np.frombuffer(record.tobytes(), np.uint8).copy())

    def set_state(self, new_state: Any) -> Generator:
        """Go back to a state that get_state gave."""
        raw = getattr(new_state, "_data", None)
        if raw is None:
            raise TypeError(f"expected a torch.ByteTensor, but got {type(new_state).__name__}")
        if raw.dtype != np.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        if raw.size != _STATE.itemsize:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {_STATE.itemsize} but found the input RNG state size to be {raw.size}"
            )
        record = np.frombuffer(np.ascontiguousarray(raw).tobytes(), _STATE)[0]
        at = 625 - int(record["left"])
        self._drawn = not (at == 624 and int(record["next"]) == 0)
        self._words.set_state(("MT19937", record["words"].astype(np.uint32), at, 0, 0.0))
        self._seed = int(record["seed"])
        self.spare_normal = float(record["spare"]) if record["has_spare"] else None
        return self

    def exchange(self, other: Generator) -> None:
        """Each goes on where the other stood."""
        self.__dict__, other.__dict__ = other.__dict__, self.__dict__

    def clone_state(self) -> Generator:
        """A generator of its own at the same place."""
        return Generator().set_state(self.get_state())
