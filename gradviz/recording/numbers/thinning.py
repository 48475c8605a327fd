"""Which chunks of a long run bring their numbers: all up to the budget, then every second, every fourth and so on."""

from __future__ import annotations

_SHARE = 4  # after each further quarter of the budget the distance doubles


class Thinning:
    """Decides for one chunk after the other. The receiver drops the same ones (tiers.py), so that keyframes stay evenly spaced."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._sent = 0
        self._number = 0
        self.stride = 1

    def keeps(self) -> bool:
        """Whether the chunk that is made now brings its numbers."""
        number, self._number = self._number, self._number + 1
        return number % self.stride == 0

    def sent(self, size: int) -> None:
        """So many bytes of numbers went out."""
        self._sent += size
        while self._sent > self._budget + (self.stride.bit_length() - 1) * self._budget // _SHARE:
            self.stride *= 2
