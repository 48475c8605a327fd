"""Module: parameters, buffers, children, hooks, state_dict, train and eval (torch.nn.Module).

Source of behaviour and texts: https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from ...dtypes import dtype
from ...graph.node import RemovableHandle
from ...modes import warn
from ...optim.optimizer import clear_grad
from ...tensor import Tensor
from ..parameter import Parameter
from . import hooked
from .state import Stateful


def _indented(text: str, spaces: int) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * spaces + line for line in rest)]) if rest else text


_TABLES = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")
_everywhere: dict[str, Any] = {name: OrderedDict() for name in _TABLES}
_everywhere.update(with_kwargs=set(), always_call=set())
_somewhere = False  # whether any of them ever had a hook: a call of a module asks no more than that


def _register_everywhere(table: str, hook: Callable[..., Any]) -> RemovableHandle:
    global _somewhere
    _somewhere = True
    return RemovableHandle(_everywhere[table], hook)


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, args)` before each forward of any module."""
    return _register_everywhere("_forward_pre_hooks", hook)


def register_module_forward_hook(hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False) -> RemovableHandle:
    """Call `hook(module, args, output)` after each forward of any module."""
    handle = _register_everywhere("_forward_hooks", hook)
    if with_kwargs:
        _everywhere["with_kwargs"].add(handle.id)
    if always_call:
        _everywhere["always_call"].add(handle.id)
    return handle


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_output)` before backward enters any module."""
    return _register_everywhere("_backward_pre_hooks", hook)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` for any module."""
    return _register_everywhere("_backward_hooks", hook)


def _of_pictures(tensor: Any, named: dict[str, Any]) -> dict[str, Any]:
    """The named arguments of `Module.to` for one tensor: a memory format is for those of four or five dimensions."""
    if "memory_format" not in named or tensor._data.ndim in (4, 5):
        return named
    return {key: value for key, value in named.items() if key != "memory_format"}


class Module(Stateful):
    """Base of all layers."""

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]

    call_super_init = False  # whether the next class in line is called, with the arguments that stand here
    _is_full_backward_hook: bool | None = None  # which of the two kinds of backward hooks the module has

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init:
            if kwargs:
                raise TypeError(f"{type(self).__name__}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'")
            if args:
                raise TypeError(f"{type(self).__name__}.__init__() takes 1 positional argument but {len(args) + 1} were given")
        put = super().__setattr__
        put("training", True)
        for name in ("_parameters", "_buffers", "_modules"):
            put(name, {})
        for name in _TABLES:
            put(name, OrderedDict())
        put("_non_persistent", set())
        put("_with_kwargs", set())
        put("_always_called", set())
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    # -- attributes -----------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        parameters = self.__dict__.get("_parameters")
        if isinstance(value, Parameter):
            if parameters is None:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._forget(name, parameters)
            parameters[name] = value
        elif parameters is not None and name in parameters:
            if value is not None:
                raise TypeError(f"cannot assign '{_typename(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)")
            parameters[name] = value
        elif isinstance(value, Module):
            if "_modules" not in self.__dict__:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._forget(name, self._modules)
            self._modules[name] = value
        elif "_modules" in self.__dict__ and name in self._modules:
            if value is not None:
                raise TypeError(f"cannot assign '{_typename(value)}' as child module '{name}' (torch.nn.Module or None expected)")
            self._modules[name] = value
        elif isinstance(value, Tensor) and "_is_buffer" in value.__dict__:  # a Buffer
            self.register_buffer(name, value, value.persistent)  # type: ignore[attr-defined]
        elif name in self.__dict__.get("_buffers", ()):
            if value is not None and not isinstance(value, Tensor):
                raise TypeError(f"cannot assign '{_typename(value)}' as buffer '{name}' (torch.nn.Buffer, torch.Tensor or None expected)")
            self._buffers[name] = value
        else:
            super().__setattr__(name, value)

    def _forget(self, name: str, but: dict[str, Any]) -> None:
        """Take a name out of all tables but one, in which it keeps its place."""
        for table in (self.__dict__, self._parameters, self._buffers, self._modules):
            if table is not but:
                table.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        if "_parameters" in own:  # not before Module.__init__
            if name in own["_parameters"]:
                return own["_parameters"][name]
            if name in own["_modules"]:
                return own["_modules"][name]
            if name in own["_buffers"]:
                return own["_buffers"][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                return
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def _check_name(self, name: Any, kind: str, table: dict[str, Any]) -> None:
        """PyTorch's errors for names of parameters, buffers and children."""
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {_typename(name)}")
        if kind == "module" and hasattr(self, name) and name not in table:
            raise KeyError(f"attribute '{name}' already exists")
        if "." in name:
            raise KeyError(f'module name can\'t contain ".", got: {name}' if kind == "module" else f'{kind} name can\'t contain "."')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in table:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under a name."""
        if "_parameters" not in self.__dict__:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        self._check_name(name, "parameter", self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot assign '{_typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)")
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that belongs to the state and is not trained."""
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        self._check_name(name, "buffer", self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"cannot assign '{_typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)")
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent.discard(name)
        else:
            self._non_persistent.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a child under a name."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{_typename(module)} is not a Module subclass")
        self._check_name(name, "module", self._modules)
        self._modules[name] = module

    register_module = add_module

    def get_submodule(self, target: str) -> Module:
        """The child at a dotted path."""
        found: Any = self
        for part in target.split(".") if target else ():
            if not hasattr(found, part):
                raise AttributeError(f"{found._get_name()} has no attribute `{part}`")
            found = getattr(found, part)
            if not isinstance(found, Module):
                raise AttributeError(f"`{part}` is not an nn.Module")
        return found  # type: ignore[no-any-return]

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put another child at a dotted path."""
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict and not hasattr(parent, name):
            raise AttributeError(f"{parent._get_name()} has no attribute `{name}`")
        if hasattr(parent, name) and not isinstance(getattr(parent, name), Module):
            raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def _at(self, target: str) -> tuple[Module, str, Any]:
        """The module, the name and the value at a dotted path."""
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if not hasattr(parent, name):
            raise AttributeError(f"{parent._get_name()} has no attribute `{name}`")
        return parent, name, getattr(parent, name)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path."""
        _, name, found = self._at(target)
        if not isinstance(found, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a dotted path."""
        parent, name, found = self._at(target)
        if name not in parent._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return found  # type: ignore[no-any-return]

    # -- running --------------------------------------------------------------------------------------

    def forward(self, *input: Any) -> Any:
        """What the layer computes; a subclass must have one."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not (self._forward_hooks or self._forward_pre_hooks or self._backward_hooks or self._backward_pre_hooks or _somewhere):
            return self.forward(*args, **kwargs)
        return hooked.call(self, _everywhere, args, kwargs)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after each forward."""
        handle = self._register(self._forward_hooks, hook, prepend, with_kwargs)
        if always_call:
            self._always_called.add(handle.id)
        return handle

    def register_forward_pre_hook(self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False) -> RemovableHandle:
        """Call `hook(module, args)` before each forward."""
        return self._register(self._forward_pre_hooks, hook, prepend, with_kwargs)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the gradients of the inputs are there."""
        return self._register_backward(hook, prepend, True)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` before backward enters the layer."""
        return self._register(self._backward_pre_hooks, hook, prepend, False)

    def register_backward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """The old way: `hook(module, grad_input, grad_output)` at the last node of the forward, whatever its inputs are."""
        return self._register_backward(hook, False, False)

    def _register_backward(self, hook: Callable[..., Any], prepend: bool, full: bool) -> RemovableHandle:
        if self._is_full_backward_hook is not None and self._is_full_backward_hook is not full:
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only one of them."
            )
        self._is_full_backward_hook = full
        return self._register(self._backward_hooks, hook, prepend, False)

    def _register(self, table: dict[int, Any], hook: Callable[..., Any], prepend: bool, with_kwargs: bool) -> RemovableHandle:
        handle = RemovableHandle(table, hook)
        if with_kwargs:
            self._with_kwargs.add(handle.id)
        if prepend:
            rest = {k: v for k, v in table.items() if k != handle.id}
            table.clear()
            table.update({handle.id: hook, **rest})
        return handle

    # -- walking --------------------------------------------------------------------------------------

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below it, with dotted names."""
        memo = set() if memo is None else memo
        if self not in memo:
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, child in self._modules.items():
                if child is not None:
                    yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        for _, module in self.named_modules():
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct children, each once."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The direct children."""
        for _, child in self.named_children():
            yield child

    def _named(self, table: str, prefix: str, recurse: bool, unique: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        modules = self.named_modules(prefix=prefix, remove_duplicate=unique) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, value in getattr(module, table).items():
                if value is None or (unique and id(value) in seen):
                    continue
                seen.add(id(value))
                yield (f"{path}.{name}" if path else name), value

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Parameter]]:
        """All parameters with dotted names."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters."""
        for _, p in self.named_parameters(recurse=recurse):
            yield p

    def named_buffers(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Tensor]]:
        """All buffers with dotted names."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers."""
        for _, b in self.named_buffers(recurse=recurse):
            yield b

    def apply(self, fn: Callable[[Module], Any]) -> Module:
        """Call `fn` on every module below, and on this one."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # -- state ----------------------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Module:
        """Training behaviour (dropout on, batch norm updates), for all below too."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Module:
        """Evaluation behaviour."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Set the flag of all parameters."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Empty the `.grad` of all parameters."""
        for p in self.parameters():
            clear_grad(p, set_to_none)

    def to(self, *args: Any, **kwargs: Any) -> Module:
        """Another dtype for all parameters and buffers of floating type."""
        for wanted in (*args, *kwargs.values()):
            if isinstance(wanted, dtype) and wanted.category < 2:
                raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={wanted!r}")
            if isinstance(wanted, dtype) and wanted.is_complex:
                warn(
                    "Complex modules are a new feature under active development whose design may change, and some modules might not work as "
                    "expected when using complex tensors as parameters or buffers. Please file an issue at "
                    "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml if a complex module does not work as expected."
                )
        for module in self.modules():
            for p in module._parameters.values():
                if p is not None:
                    given = _of_pictures(p, kwargs)
                    p._data = p.detach().to(*args, **given)._data
                    if p.grad is not None:
                        p.grad = p.grad.to(*args, **given)
            for name, b in module._buffers.items():
                if b is not None and b._data.dtype.kind in "fV":
                    module._buffers[name] = b.to(*args, **_of_pictures(b, kwargs))  # type: ignore[attr-defined]
        return self

    def float(self) -> Module:
        """Parameters as float32."""
        from ...dtypes import float32

        return self.to(float32)

    def double(self) -> Module:
        """Parameters as float64."""
        from ...dtypes import float64

        return self.to(float64)

    def half(self) -> Module:
        """Parameters as float16."""
        from ...dtypes import float16

        return self.to(float16)

    def bfloat16(self) -> Module:
        """Parameters as bfloat16."""
        from ...dtypes import bfloat16

        return self.to(bfloat16)

    def type(self, dst_type: Any) -> Module:
        """Parameters and buffers of another dtype."""
        for module in self.modules():
            for p in module._parameters.values():
                if p is not None:
                    p.data = p.detach().type(dst_type)  # type: ignore[attr-defined]
                    if p.grad is not None:
                        p.grad = p.grad.type(dst_type)
            for name, b in module._buffers.items():
                if b is not None:
                    module._buffers[name] = b.type(dst_type)  # type: ignore[attr-defined]
        return self

    def to_empty(self, *, device: Any, recurse: bool = True) -> Module:
        """The memory of parameters and buffers anew; what is in it is left open."""
        return self

    def cpu(self) -> Module:
        """Stays where it is."""
        return self

    def cuda(self, device: Any = None) -> Module:
        """There is no CUDA: PyTorch's error."""
        if isinstance(device, int):
            raise RuntimeError("Cannot access accelerator device when none is available.")
        raise AssertionError("Torch not compiled with CUDA enabled")

    def share_memory(self) -> Module:
        """Stays where it is."""
        return self

    def compile(self, *, backend: Any = "inductor", mode: Any = None, options: Any = None, **_: Any) -> None:
        """Nothing to compile; PyTorch's errors."""
        from ...environment import check_compile

        check_compile(mode, options, backend)

    # -- printing -------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What a layer prints of its options."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): {_indented(repr(child), 2)}" for name, child in self._modules.items()]
        if not children:
            if len(lines) == 1:
                return f"{self._get_name()}({lines[0]})"
            if not lines:
                return f"{self._get_name()}()"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines + children) + "\n)"


Module.forward.__qualname__ = "_forward_unimplemented"
for _function in vars(Stateful).values():
    if isinstance(_function, FunctionType):
        _function.__qualname__ = _function.__qualname__.replace(
            "Stateful.", "Module."
        )  # where PyTorch has it: it stands in Python's errors


def _typename(value: Any) -> str:
    from ...environment import typename

    return typename(value)
