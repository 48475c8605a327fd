"""torch.backends: the switches that scripts set for reproducible runs; here every run is."""

from __future__ import annotations


class _Backend:
    """A backend that is not there; its switches stand as in PyTorch without it, can be set, and do nothing."""

    enabled = True
    deterministic = False
    benchmark = False
    allow_tf32 = True

    def is_available(self) -> bool:
        """Never."""
        return False

    def is_built(self) -> bool:
        """Never."""
        return False


cudnn = _Backend()
cuda = _Backend()
mps = _Backend()
mkldnn = _Backend()
