"""The call of a module that has hooks, and the nodes around it through which its backward hooks see gradients.

Source of behaviour and texts: torch/nn/modules/module.py (_call_impl), torch/utils/hooks.py (BackwardHook).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ... import modes
from ...autograd.function import Function
from ...tensor import Tensor

Hook = Callable[..., Any]


class Hooked(Protocol):
    """What a call asks of its module: its forward, and its tables of hooks by their keys."""

    _is_full_backward_hook: bool | None
    _forward_hooks: dict[int, Hook]
    _forward_pre_hooks: dict[int, Hook]
    _backward_hooks: dict[int, Hook]
    _backward_pre_hooks: dict[int, Hook]
    _with_kwargs: set[int]
    _always_called: set[int]

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What it computes."""


_ONLY_OUTPUTS = (
    "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require gradients. See "
    "https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_hook for more details."
)


def call(module: Hooked, everywhere: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`module.forward` with the hooks of the module and of all modules around it; some are called even where it raises."""
    progress = _Call(module, everywhere, args, kwargs)
    try:
        return progress.run()
    except Exception:
        progress.call_always()
        raise


class _Call:
    """One call of a module."""

    def __init__(self, module: Hooked, everywhere: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.module, self.everywhere = module, everywhere
        self.args, self.kwargs = args, kwargs
        self.result: Any = None
        self.called: set[int] = set()

    def _hooks(self, table: str) -> list[tuple[int, Hook]]:
        return [*self.everywhere[table].items(), *getattr(self.module, table).items()]

    def run(self) -> Any:
        """Hooks before, forward, hooks after."""
        module = self.module
        self._before()
        full = module._is_full_backward_hook is not False
        after = [hook for _, hook in self._hooks("_backward_hooks")] if full else list(self.everywhere["_backward_hooks"].values())
        first = [hook for _, hook in self._hooks("_backward_pre_hooks")]
        around = BackwardHook(module, after, first) if after or first else None
        if around is not None:
            self.args = around.enter(self.args)
        self.result = module.forward(*self.args, **self.kwargs)
        for key, hook in self._hooks("_forward_hooks"):
            self.called.add(key)
            self._answer(key, hook)
        if around is not None:
            if not isinstance(self.result, (Tensor, tuple)):
                warnings.warn(
                    f"For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received {type(self.result)}",
                    stacklevel=5,
                )
            self.result = around.leave(self.result)
        if module._backward_hooks and not full:
            _hook_last_node(module, self.args, self.result)
        return self.result

    def _before(self) -> None:
        for key, hook in self._hooks("_forward_pre_hooks"):
            if key in self.module._with_kwargs:
                answer = hook(self.module, self.args, self.kwargs)
                if answer is None:
                    continue
                if not isinstance(answer, tuple) or len(answer) != 2:
                    raise RuntimeError(f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {answer}.")
                self.args, self.kwargs = answer
            else:
                answer = hook(self.module, self.args)
                if answer is not None:
                    self.args = answer if isinstance(answer, tuple) else (answer,)

    def _answer(self, key: int, hook: Hook) -> None:
        with_kwargs = key in self.module._with_kwargs or key in self.everywhere["with_kwargs"]
        given = (self.args, self.kwargs) if with_kwargs else (self.args,)
        answer = hook(self.module, *given, self.result)
        if answer is not None:
            self.result = answer

    def call_always(self) -> None:
        """An error came: the hooks that asked to be called whatever happens, and were not yet."""
        for where, always in (("global ", self.everywhere["always_call"]), ("", self.module._always_called)):
            for key, hook in (self.everywhere if where else self.module.__dict__)["_forward_hooks"].items():
                if key not in always or key in self.called:
                    continue
                try:
                    self._answer(key, hook)
                except Exception as problem:  # the error of the forward is the one that is told
                    warnings.warn(
                        f"{where}module forward hook with ``always_call=True`` raised an exception that was silenced as another error "
                        f"was raised in forward: {problem}",
                        stacklevel=4,
                    )


def _hook_last_node(module: Hooked, args: tuple[Any, ...], result: Any) -> None:
    """Let the hooks of register_backward_hook see the last node of the forward."""
    last = result
    while not isinstance(last, Tensor):
        last = next(v for v in last.values() if isinstance(v, Tensor)) if isinstance(last, dict) else last[0]
    node = last.grad_fn
    if node is None:
        return
    for hook in tuple(module._backward_hooks.values()):
        node.register_hook(lambda grads, outs, hook=hook: hook(module, grads, outs))
    if {a.grad_fn for a in args if isinstance(a, Tensor) and a.grad_fn is not None} != {edge for edge, _ in node.next_functions}:
        # PyTorch gives it at a line of its own, and so once for all modules
        modes.warn_once(
            "Using a non-full backward hook when the forward contains multiple autograd Nodes is deprecated and will be removed in future "
            "versions. This hook will be missing some grad_input. Please use register_full_backward_hook to get the documented behavior.",
            category=FutureWarning,
        )


class BackwardHookFunction(Function):
    """Hands its tensors on: a node at which the gradients of all of them are seen at once."""

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        ctx.mark_non_differentiable(*[arg for arg in args if not arg.requires_grad])
        return args

    @staticmethod
    def backward(ctx: Any, *args: Any) -> Any:  # noqa: ARG004 - PyTorch's signature
        return args


class BackwardHook:
    """Full backward hooks of one call: a node before the module, and one after it."""

    def __init__(self, module: Hooked, hooks: Sequence[Hook], pre_hooks: Sequence[Hook]) -> None:
        self.module, self.hooks, self.pre_hooks = module, hooks, pre_hooks
        self.grad_outputs: Any = None
        self.inputs: list[int] | None = None  # which arguments are tensors; None where none of them requires grad

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments behind a node whose hook calls those of the user."""
        count = len(args)

        def seen(grad_inputs: Any, _: Any) -> Any:
            if self.grad_outputs is None:  # the gradient came another way than through the outputs
                return None
            assert self.inputs is not None
            grads = _spread(self.inputs, grad_inputs, count)
            for hook in self.hooks:
                answer = hook(self.module, grads, self.grad_outputs)
                if answer is None:
                    continue
                if len(answer) != len(grads):  # a tensor that is no tuple is taken apart, too
                    raise RuntimeError(
                        f"Backward hook returned an invalid number of grad_input, got {len(answer)}, but expected {len(grads)}"
                    )
                grads = answer
            self.grad_outputs = None
            return tuple(grads[k] for k in self.inputs)

        args, self.inputs = _through_a_node(seen, args)
        self.count = count
        return args

    def leave(self, result: Any) -> Any:
        """The outputs before a node that sees their gradients first."""
        outputs = result if isinstance(result, tuple) else (result,)
        places: list[int] | None = None

        def seen(_: Any, grad_outputs: Any) -> Any:
            assert places is not None
            self.grad_outputs = _spread(places, grad_outputs, len(outputs))
            for hook in self.pre_hooks:
                answer = hook(self.module, self.grad_outputs)
                if answer is None:
                    continue
                if len(answer) != len(outputs):
                    raise RuntimeError(
                        f"Backward pre hook returned an invalid number of grad_output, got {len(answer)}, but expected {len(outputs)}"
                    )
                self.grad_outputs = answer
            grads = self.grad_outputs
            if self.inputs is None:
                self._without_inputs()
            return tuple(grads[k] for k in places)

        made, places = _through_a_node(seen, outputs)
        return made if isinstance(result, tuple) else made[0]

    def _without_inputs(self) -> None:
        """No input requires grad: the user's hooks are called as soon as the gradients of the outputs are there."""
        modes.warn(_ONLY_OUTPUTS)
        for hook in self.hooks:
            answer = hook(self.module, (None,) * self.count, self.grad_outputs)
            if answer is not None and not (isinstance(answer, tuple) and all(grad is None for grad in answer)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for all gradients."
                )
        self.grad_outputs = None


def _spread(places: Sequence[int], values: Sequence[Any], count: int) -> tuple[Any, ...]:
    """The values at their places, None elsewhere."""
    row = [None] * count
    for place, value in zip(places, values, strict=False):
        row[place] = value
    return tuple(row)


def _through_a_node(hook: Hook, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int] | None]:
    """The values, their tensors handed on by a node with a hook, and where the tensors are; None where nothing has a gradient."""
    places = [k for k, value in enumerate(values) if isinstance(value, Tensor)]
    if not modes.grad or not any(values[k]._requires_grad for k in places):
        return values, None
    tensors = BackwardHookFunction.apply(*(values[k] for k in places))
    node = next(t.grad_fn for t in tensors if t.grad_fn is not None)
    node.register_hook(hook)
    made = list(values)
    for place, tensor in zip(places, tensors, strict=True):
        made[place] = tensor
    out = tuple(made)
    return (out if type(values) is tuple else type(values)(*out)), places
