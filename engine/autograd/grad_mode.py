"""torch.autograd.grad_mode: the modes under the name by which PyTorch's own code imports them."""

from ..modes import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]
