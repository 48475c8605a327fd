"""torch.backends: the switches that scripts set for reproducible runs; here every run is."""

from __future__ import annotations


class _Products:
    """How matrices are multiplied on a GPU."""

    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True


class _Backend:
    """A backend that is not there; its switches stand as in PyTorch without it, can be set, and do nothing."""

    enabled = True
    deterministic = False
    benchmark = False
    allow_tf32 = True

    def __init__(self) -> None:
        self.matmul = _Products()

    def is_available(self) -> bool:
        """Never."""
        return False

    def is_built(self) -> bool:
        """Never."""
        return False

    def _switch(self, enabled: bool) -> None:
        """Whether attention may take a way of the GPU: there is none."""

    def _is_on(self) -> bool:
        return True

    enable_flash_sdp = enable_mem_efficient_sdp = enable_math_sdp = enable_cudnn_sdp = _switch
    flash_sdp_enabled = mem_efficient_sdp_enabled = math_sdp_enabled = cudnn_sdp_enabled = _is_on


cudnn = _Backend()
cuda = _Backend()
mps = _Backend()
mkldnn = _Backend()
