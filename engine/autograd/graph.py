"""torch.autograd.graph: looking at the graph, and at what it keeps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from .. import modes
from ..graph import backward as _engine
from ..graph.node import Node, RemovableHandle, accumulator
from ..graph.saved import SavedTensor
from ..tensor import Tensor


class GradientEdge(NamedTuple):
    """Where in the graph the gradient of a tensor arrives."""

    node: Node
    output_nr: int
    ownership_token: Node | None = None


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The edge at which the gradient of `tensor` arrives; grad() and backward(inputs=) take it in the tensor's place."""
    if not tensor._requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    return GradientEdge(_node_of(tensor), tensor._output_nr)


def _node_of(tensor: Any) -> Node:
    if isinstance(tensor, GradientEdge):
        return tensor.node
    return accumulator(tensor) if tensor._node is None else tensor._node


def increment_version(tensor: Any) -> None:
    """Tell autograd that the numbers of a tensor (or several) were changed behind its back."""
    for one in (tensor,) if isinstance(tensor, Tensor) else tuple(tensor):
        if not one._inference:
            one._storage.version += 1


class saved_tensors_hooks:  # noqa: N801 - PyTorch's name
    """Inside the block `pack_hook(tensor)` says what the graph keeps, and `unpack_hook(packed)` makes the tensor again."""

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        if modes.hooks_refused:
            raise RuntimeError(modes.hooks_refused)
        if not callable(self.pack_hook) or not callable(self.unpack_hook):
            raise TypeError(
                "_push_saved_tensors_default_hooks(): incompatible function arguments. The following argument types are supported:\n"
                "    1. (arg0: collections.abc.Callable, arg1: collections.abc.Callable) -> None\n\n"
                f"Invoked with: {self.pack_hook!r}, {self.unpack_hook!r}"
            )
        modes.set_saved_hooks((*modes.saved_hooks, (self.pack_hook, self.unpack_hook)))

    def __exit__(self, *_: object) -> None:
        modes.set_saved_hooks(modes.saved_hooks[:-1])


class save_on_cpu(saved_tensors_hooks):  # noqa: N801 - PyTorch's name
    """Saved tensors wait in the memory of the CPU, where all tensors are already."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda tensor: tensor, lambda packed: packed)


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Inside the block saved_tensors_hooks raises with that message."""
    before, modes.hooks_refused = modes.hooks_refused, error_message
    try:
        if modes.saved_hooks:
            raise RuntimeError(error_message)
        yield
    finally:
        modes.hooks_refused = before


def register_multi_grad_hook(tensors: Sequence[Tensor], fn: Callable[..., Any], *, mode: str = "all") -> RemovableHandle:
    """Call `fn` once a backward: with the gradients of all `tensors` ("all"), or with the first that comes ("any")."""
    if mode not in {"all", "any"}:
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    nodes = [_node_of(t) for t in tensors]
    seen: dict[Any, Any] = {}  # pass -> gradients so far; a pass is forgotten when it was told
    lock = threading.Lock()

    def all_of(k: int) -> Callable[[Tensor], None]:
        def hook(grad: Tensor) -> None:
            this = _engine.current()
            with lock:
                if seen.get("pass") is not this:
                    seen.update({"pass": this, "grads": [None] * len(nodes), "missing": sum(_engine.will_run(n) for n in nodes)})
                seen["grads"][k] = grad
                seen["missing"] -= 1
                ready = seen["missing"] == 0
                grads = seen["grads"]
            if ready:
                seen.clear()
                fn(grads)

        return hook

    def any_of(grad: Tensor) -> None:
        this = _engine.current()
        with lock:
            if seen.get("pass") is this:
                return
            seen["pass"] = this
        fn(grad)

    handles = [t.register_hook(all_of(k) if mode == "all" else any_of) for k, t in enumerate(tensors)]
    return _Handles(handles)


class _Handles(RemovableHandle):
    """Several handles that are taken off together."""

    def __init__(self, handles: Sequence[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()


@contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[None]:
    """Inside the block what is saved is a copy, so that writing to the tensor later does no harm."""
    with saved_tensors_hooks(lambda tensor: tensor.clone(), lambda packed: packed):  # type: ignore[attr-defined]
        yield


__all__ = [
    "GradientEdge",
    "Node",
    "SavedTensor",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]
