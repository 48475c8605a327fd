"""torch.nn.utils.prune: parameters times a mask of ones and zeros.

A pruned parameter `weight` is `weight_orig`, which is trained, times the buffer `weight_mask`; a forward pre-hook of the layer
multiplies them at each call.
"""

from __future__ import annotations

import numbers
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from ...naming.namespace import TORCH
from .convert_parameters import parameters_to_vector


class BasePruningMethod(ABC):
    """A way to choose what goes; a subclass says it in `compute_mask`."""

    _tensor_name: str
    PRUNING_TYPE: str

    def __call__(self, module: Any, inputs: Any) -> None:
        """The forward pre-hook: the parameter is made again from what is trained."""
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask for `t`, given the mask that it has."""

    def apply_mask(self, module: Any) -> Any:
        """What is trained, times the mask."""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned")
        mask = module._buffers[self._tensor_name + "_mask"]
        original = module._parameters[self._tensor_name + "_orig"]
        return mask.to(dtype=original.dtype) * original

    @classmethod
    def apply(cls, module: Any, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any) -> Any:
        """Prune the parameter `name` of a layer, on top of what was pruned before."""
        found = [hook for hook in module._forward_pre_hooks.values() if isinstance(hook, BasePruningMethod) and hook._tensor_name == name]
        old = found[0] if found else None
        for key in [key for key, hook in module._forward_pre_hooks.items() if hook is old and old is not None]:
            del module._forward_pre_hooks[key]
        method: Any = cls(*args, **kwargs)
        method._tensor_name = name
        if old is not None:
            container = old if isinstance(old, PruningContainer) else PruningContainer(old)
            container.add_pruning_method(method)
            method = container
        original = getattr(module, name)
        if importance_scores is not None:
            if importance_scores.shape != original.shape:
                raise AssertionError(f"importance_scores should have the same shape as parameter {name} of {module}")
        else:
            importance_scores = original
        if not isinstance(method, PruningContainer):
            module.register_parameter(name + "_orig", module._parameters[name])
            del module._parameters[name]
            default_mask = TORCH["ones_like"](original)
        else:
            default_mask = module._buffers[name + "_mask"].detach().clone()
        try:
            mask = method.compute_mask(importance_scores, default_mask)
            module.register_buffer(name + "_mask", mask)
            setattr(module, name, method.apply_mask(module))
            module.register_forward_pre_hook(method)
        except Exception:
            if not isinstance(method, PruningContainer):
                original = module._parameters.pop(name + "_orig")
                module.register_parameter(name, original)
            raise
        return method

    def prune(self, t: Any, default_mask: Any = None, importance_scores: Any = None) -> Any:
        """`t` pruned, without a layer."""
        if importance_scores is not None and importance_scores.shape != t.shape:
            raise AssertionError("importance_scores should have the same shape as tensor t")
        scores = t if importance_scores is None else importance_scores
        return t * self.compute_mask(scores, TORCH["ones_like"](t) if default_mask is None else default_mask)

    def remove(self, module: Any) -> None:
        """The pruned numbers become the parameter again, for good."""
        name = self._tensor_name
        if name is None:
            raise AssertionError(f"Module {module} has to be pruned before pruning can be removed")
        weight = self.apply_mask(module)
        if name in vars(module):
            delattr(module, name)
        original = module._parameters[name + "_orig"]
        original.data = weight.data
        del module._parameters[name + "_orig"]
        del module._buffers[name + "_mask"]
        setattr(module, name, original)


class PruningContainer(BasePruningMethod):
    """Several prunings of one parameter, one after the other."""

    def __init__(self, *args: Any) -> None:
        self._pruning_methods: tuple[Any, ...] = ()
        if len(args) == 1:
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: Any) -> None:
        """One more, of the same parameter."""
        if not isinstance(method, BasePruningMethod) and method is not None:
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method is not None and self._tensor_name != method._tensor_name:
            raise ValueError(
                "Can only add pruning methods acting on the parameter named "
                f"'{self._tensor_name}' to PruningContainer {self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Any:
        return iter(self._pruning_methods)

    def __getitem__(self, at: int) -> Any:
        return self._pruning_methods[at]

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The last pruning, of what the others left."""
        method = self._pruning_methods[-1]
        mask = default_mask.to(dtype=t.dtype)
        if method.PRUNING_TYPE == "unstructured":
            left: Any = mask == 1
        elif method.PRUNING_TYPE == "structured":
            dim = method.dim + t.dim() if method.dim < 0 else method.dim
            kept = mask.sum(dim=[d for d in range(t.dim()) if d != dim]) != 0
            left = tuple(kept if d == dim else slice(None) for d in range(t.dim()))
        elif method.PRUNING_TYPE == "global":
            left = (slice(None),) * t.dim()
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        mask[left] = method.compute_mask(t[left], default_mask=mask[left]).to(dtype=mask.dtype)
        return mask


class Identity(BasePruningMethod):
    """Nothing goes."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask as it is."""
        return default_mask


class _ByAmount(BasePruningMethod):
    PRUNING_TYPE = "unstructured"

    def __init__(self, amount: Any) -> None:
        _check_amount(amount)
        self.amount = amount


class RandomUnstructured(_ByAmount):
    """Numbers by chance."""

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Zeros at random places."""
        number = _number_of(self.amount, t.nelement())
        mask = default_mask.clone()
        if number:
            mask.view(-1)[TORCH["topk"](TORCH["rand_like"](t).view(-1), k=number).indices] = 0
        return mask


class L1Unstructured(_ByAmount):
    """The smallest numbers."""

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Zeros where |t| is smallest."""
        number = _number_of(self.amount, t.nelement())
        mask = default_mask.clone()
        if number:
            mask.view(-1)[TORCH["topk"](TORCH["abs"](t).view(-1), k=number, largest=False).indices] = 0
        return mask


class _OfChannels(BasePruningMethod):
    PRUNING_TYPE = "structured"
    amount: Any
    dim: int

    def _mask(self, t: Any, default_mask: Any, chosen: Callable[[int, int], Any]) -> Any:
        """Zeros for the channels that `chosen`, asked with their number and how many go, leaves out."""
        _check_structured(t)
        _check_dim(t, self.dim)
        size = t.shape[self.dim]
        number = _number_of(self.amount, size)
        if not number:
            return default_mask
        mask = TORCH["zeros_like"](t)
        at: list[Any] = [slice(None)] * t.dim()
        at[self.dim] = chosen(size, number)
        mask[tuple(at)] = 1
        return mask * default_mask.to(dtype=mask.dtype)


class RandomStructured(_OfChannels):
    """Channels by chance."""

    def __init__(self, amount: Any, dim: int = -1) -> None:
        _check_amount(amount)
        self.amount, self.dim = amount, dim

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Zeros for random channels."""

        def lucky(size: int, number: int) -> Any:
            chances = TORCH["rand"](size)
            return chances > TORCH["kthvalue"](chances, k=number).values

        return self._mask(t, default_mask, lucky)


class LnStructured(_OfChannels):
    """The channels of smallest norm."""

    def __init__(self, amount: Any, n: Any, dim: int = -1) -> None:
        _check_amount(amount)
        self.amount, self.n, self.dim = amount, n, dim

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Zeros for the channels of smallest norm."""
        return self._mask(
            t, default_mask, lambda size, number: TORCH["topk"](_norms(t, self.n, self.dim), k=size - number, largest=True).indices
        )


class CustomFromMask(BasePruningMethod):
    """A mask that the caller has."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """Both masks."""
        if default_mask.shape != self.mask.shape:
            raise AssertionError(f"mask shape mismatch: expected {default_mask.shape}, got {self.mask.shape}")
        return default_mask * self.mask.to(dtype=default_mask.dtype)


def _check_amount(amount: Any) -> None:
    if not isinstance(amount, numbers.Real):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    if (isinstance(amount, numbers.Integral) and int(amount) < 0) or (
        not isinstance(amount, numbers.Integral) and not 0.0 <= float(amount) <= 1.0
    ):
        raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")


def _number_of(amount: Any, size: int) -> int:
    """How many of `size` an amount means: a share, or a number."""
    number = int(amount) if isinstance(amount, numbers.Integral) else round(amount * size)
    if number > size:
        raise ValueError(f"amount={number} should be smaller than the number of parameters to prune={size}")
    return number


def _check_structured(t: Any) -> None:
    if t.dim() <= 1:
        raise ValueError(
            f"Structured pruning can only be applied to multidimensional tensors. Found tensor of shape {t.shape} with {t.dim()} dims"
        )


def _check_dim(t: Any, dim: int) -> None:
    if dim >= t.dim():
        raise IndexError(f"Invalid index {dim} for tensor of size {t.shape}")


def _norms(t: Any, n: Any, dim: int) -> Any:
    dim = dim + t.dim() if dim < 0 else dim
    return TORCH["norm"](t, p=n, dim=[d for d in range(t.dim()) if d != dim])


def identity(module: Any, name: str) -> Any:
    """Make the mask, of ones."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: Any, name: str, amount: Any) -> Any:
    """Prune numbers by chance."""
    RandomUnstructured.apply(module, name, amount=amount)
    return module


def l1_unstructured(module: Any, name: str, amount: Any, importance_scores: Any = None) -> Any:
    """Prune the smallest numbers."""
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module: Any, name: str, amount: Any, dim: int) -> Any:
    """Prune channels by chance."""
    RandomStructured.apply(module, name, amount=amount, dim=dim)
    return module


def ln_structured(module: Any, name: str, amount: Any, n: Any, dim: int, importance_scores: Any = None) -> Any:
    """Prune the channels of smallest norm."""
    LnStructured.apply(module, name, amount=amount, n=n, dim=dim, importance_scores=importance_scores)
    return module


def global_unstructured(parameters: Any, pruning_method: Any, importance_scores: Any = None, **kwargs: Any) -> None:
    """Prune several parameters as if they were one."""
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    pairs = list(parameters)
    relevant = parameters_to_vector([scores.get((module, name), getattr(module, name)) for module, name in pairs])
    default = parameters_to_vector([getattr(module, name + "_mask", TORCH["ones_like"](getattr(module, name))) for module, name in pairs])
    container = PruningContainer()
    container._tensor_name = "temp"
    method = pruning_method(**kwargs)
    method._tensor_name = "temp"
    container.add_pruning_method(method)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            f'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method {pruning_method} of type {method.PRUNING_TYPE}'
        )
    mask = container.compute_mask(relevant, default)
    at = 0
    for module, name in pairs:
        shape = getattr(module, name)
        custom_from_mask(module, name, mask=mask[at : at + shape.numel()].view_as(shape))
        at += shape.numel()


def custom_from_mask(module: Any, name: str, mask: Any) -> Any:
    """Prune by a mask that the caller has."""
    CustomFromMask.apply(module, name, mask=mask)
    return module


def remove(module: Any, name: str) -> Any:
    """End the pruning of a parameter: its zeros stay."""
    for key, hook in list(module._forward_pre_hooks.items()):
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")


def is_pruned(module: Any) -> bool:
    """Whether a layer or one inside it has a pruned parameter."""
    return any(isinstance(hook, BasePruningMethod) for part in module.modules() for hook in part._forward_pre_hooks.values())


__all__ = [
    "BasePruningMethod", "CustomFromMask", "Identity", "L1Unstructured", "LnStructured", "PruningContainer", "RandomStructured", "RandomUnstructured",
    "custom_from_mask", "global_unstructured", "identity", "is_pruned", "l1_unstructured", "ln_structured", "random_structured", "random_unstructured", "remove",
]  # fmt: skip
