"""What a module saves and loads: state_dict, load_state_dict, their hooks, and extra state.

Source of behaviour and texts: https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
"""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Callable, Mapping
from typing import Any

from ... import modes
from ...graph.node import RemovableHandle
from ...memory.inplace import overwrite
from ...tensor import Tensor
from ..parameter import Parameter

_IncompatibleKeys = namedtuple("_IncompatibleKeys", ["missing_keys", "unexpected_keys"])
_EXTRA = "_extra_state"


class IncompatibleKeys(_IncompatibleKeys):
    """What load_state_dict(strict=False) could not place."""

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"

    __str__ = __repr__


_REPORT = "Please file an issue at https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to report this bug."


class Stateful:
    """The part of a Module that knows its state."""

    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]
    _non_persistent: set[str]
    _version = 1

    # -- hooks ------------------------------------------------------------------------------------------

    def _table(self, kind: str) -> dict[int, Callable[..., Any]]:
        """The hooks of one kind; most modules never have any."""
        tables: dict[str, dict[int, Callable[..., Any]]] = self.__dict__.setdefault("_state_hooks", {})
        return tables.setdefault(kind, {})

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, prefix, keep_vars)` before state_dict."""
        return RemovableHandle(self._table("save_pre"), hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata)` after state_dict; it may change the dict in place."""
        return RemovableHandle(self._table("save_post"), hook)

    def _register_state_dict_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        return RemovableHandle(self._table("save_result"), hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)` before loading."""
        return RemovableHandle(self._table("load_pre"), hook)

    def _register_load_state_dict_pre_hook(self, hook: Callable[..., Any], with_module: bool = False) -> RemovableHandle:
        return RemovableHandle(self._table("load_pre"), hook if with_module else lambda module, *rest: hook(*rest))

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, incompatible_keys)` after loading."""
        return RemovableHandle(self._table("load_post"), hook)

    # -- saving -----------------------------------------------------------------------------------------

    def get_extra_state(self) -> Any:
        """What a subclass saves besides tensors; called only where a subclass has it."""
        raise RuntimeError(f"Reached a code path in Module.get_extra_state() that should never be called. {_REPORT}")

    def set_extra_state(self, state: Any) -> None:
        """Take over what `get_extra_state` gave."""
        raise RuntimeError(f"Reached a code path in Module.set_extra_state() that should never be called. {_REPORT}")

    def _has_extra(self, name: str) -> bool:
        return getattr(type(self), name) is not getattr(Stateful, name)

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """The module's own tensors, without its children's."""
        for name, p in self._parameters.items():
            if p is not None:
                destination[prefix + name] = p if keep_vars else p.detach()
        for name, b in self._buffers.items():
            if b is not None and name not in self._non_persistent:
                destination[prefix + name] = b if keep_vars else b.detach()
        if self._has_extra("get_extra_state"):
            destination[prefix + _EXTRA] = self.get_extra_state()

    def state_dict(self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """Parameters and buffers by dotted name, without history."""
        if destination is None:
            destination = args[0] if args else OrderedDict()
        if not hasattr(destination, "_metadata") and type(destination) is OrderedDict and not destination:
            destination._metadata = OrderedDict()  # type: ignore[attr-defined]  # as PyTorch's
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in tuple(self._table("save_pre").values()):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, child in self._modules.items():
            if child is not None:
                child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in tuple(self._table("save_result").values()):
            answer = hook(self, destination, prefix, metadata)
            destination = destination if answer is None else answer
        for hook in tuple(self._table("save_post").values()):
            if hook(self, destination, prefix, metadata) is not None:
                raise RuntimeError("state_dict post-hook must return None")
        return destination

    # -- loading ----------------------------------------------------------------------------------------

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, local_metadata: Any, strict: bool, missing_keys: list[str], unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:  # fmt: skip
        """Take over the module's own tensors, and note what does not fit."""
        for hook in tuple(self._table("load_pre").values()):
            hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        buffers = {k: v for k, v in self._buffers.items() if k not in self._non_persistent}
        own = {k: v for k, v in (*self._parameters.items(), *buffers.items()) if v is not None}
        for name, target in own.items():
            key = prefix + name
            if key not in state_dict:
                missing_keys.append(key)
                continue
            problem = self._place(name, key, target, state_dict[key], bool(local_metadata.get("assign_to_params_buffers")))
            if problem is not None:
                error_msgs.append(problem)
        extra = prefix + _EXTRA
        if self._has_extra("set_extra_state"):
            if extra in state_dict:
                self.set_extra_state(state_dict[extra])
            else:
                missing_keys.append(extra)
        elif extra in state_dict:
            unexpected_keys.append(extra)
        for key in state_dict:
            if key.startswith(prefix) and key != extra:
                first, *rest = key[len(prefix) :].split(".", 1)
                if first not in (self._modules if rest else own):
                    unexpected_keys.append(key)

    def _place(self, name: str, key: str, target: Any, given: Any, assign: bool) -> str | None:
        """Put one tensor where it belongs, or say why not."""
        if not isinstance(given, Tensor):
            return (
                f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint but '
                f"received {type(given)}"
            )
        values = given._data
        if target._data.ndim == 0 and values.shape == (1,):
            values = values[0]
        if values.shape != target._data.shape:
            return (
                f"size mismatch for {key}: copying a param with shape {given.shape!r} from checkpoint, "
                f"the shape in current model is {target.shape!r}."
            )
        if assign:
            if isinstance(target, Parameter):
                given = given if isinstance(given, Parameter) else Parameter(given, target._requires_grad)
                given._requires_grad = target._requires_grad
            setattr(self, name, given)
        else:
            with modes.no_grad():
                overwrite(target, values)
        return None

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> IncompatibleKeys:
        """Copy numbers into parameters and buffers; PyTorch's report of what does not fit."""
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        missing: list[str] = []
        unexpected: list[str] = []
        problems: list[str] = []
        metadata = getattr(state_dict, "_metadata", None) or {}
        self._load(OrderedDict(state_dict), "", metadata, assign, missing, unexpected, problems)
        if strict and unexpected:
            problems.insert(0, "Unexpected key(s) in state_dict: " + ", ".join(f'"{k}"' for k in unexpected) + ". ")
        if strict and missing:
            problems.insert(0, "Missing key(s) in state_dict: " + ", ".join(f'"{k}"' for k in missing) + ". ")
        if problems:
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(problems))
        return IncompatibleKeys(missing, unexpected)

    def _load(
        self, state: Any, prefix: str, metadata: Any, assign: bool, missing: list[str], unexpected: list[str], problems: list[str]
    ) -> None:
        """This module, then its children (as deep as the model, as state_dict is)."""
        local = dict(metadata.get(prefix[:-1], {}))
        if assign:
            local["assign_to_params_buffers"] = True
        self._load_from_state_dict(state, prefix, local, True, missing, unexpected, problems)
        for name, child in self._modules.items():
            if child is not None:
                below = f"{prefix}{name}."
                child._load({k: v for k, v in state.items() if k.startswith(below)}, below, metadata, assign, missing, unexpected, problems)
        for hook in tuple(self._table("load_post").values()):
            if hook(self, IncompatibleKeys(missing, unexpected)) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new values, if "
                    "incompatible_keys need to be modified, it should be done inplace."
                )


def without_prefix(state_dict: Any, prefix: str) -> None:
    """Take a prefix off the names of a state_dict, in place."""
    for table in (state_dict, getattr(state_dict, "_metadata", {})):
        for key in list(table):
            if key.startswith(prefix) or (table is not state_dict and key and key == prefix.replace(".", "")):
                table[key[len(prefix) :]] = table.pop(key)
