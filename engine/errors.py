"""PyTorch's exact error texts, each in one place.

Every function returns the exception with PyTorch 2.13's words; who raises it adds nothing.
"""

from __future__ import annotations

import re
from types import FunctionType
from typing import Any

import numpy as np

from .dtypes import BY_NUMPY, dtype, whole_name

Array = np.ndarray[Any, Any]

SCALAR_ONLY = "grad can be implicitly created only for scalar outputs"
BACKWARD_TWICE = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). "
    "Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you "
    "need to backward through the graph a second time or if you need to access saved tensors after calling backward."
)
_ANOMALY_HINT = (
    "Hint: enable anomaly detection to find the operation that failed to compute its gradient, "
    "with torch.autograd.set_detect_anomaly(True, check_nan=False)."
)
_ANOMALY_ON = (
    "Hint: the backtrace further above shows the operation that failed to compute its gradient. "
    "The variable in question was changed in there or anywhere later. Good luck!"
)


def own_method(cls: type, name: str) -> None:
    """Let Python's errors about a class of ours name that class, where it has a method of another one."""
    if name not in vars(cls) and cls.__module__.startswith(__package__ or "engine"):
        setattr(cls, name, own_copy(getattr(cls, name), f"{cls.__name__}.{name}"))


def own_copy(function: Any, name: str) -> FunctionType:
    """The same function under another full name, which Python's errors about its arguments tell."""
    made = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__ = name
    return made


def type_name(array: Array) -> str:
    """How error texts name a tensor's type: "torch.FloatTensor"."""
    return f"torch.{BY_NUMPY[array.dtype].scalar_name}Tensor"


def old_type_name(array: Array) -> str:
    """As `type_name` in texts that are older than some dtypes: "CPUBoolType"."""
    kind = BY_NUMPY[array.dtype].scalar_name
    return f"CPU{kind}Type" if kind in ("Bool", "BFloat16", "ComplexFloat", "ComplexDouble") else f"torch.{kind}Tensor"


def class_name(value: Any) -> str:
    """How error texts name a value's class: C's own full name ("numpy.ndarray"), a class of Python without its module."""
    kind = type(value)
    if kind is dtype:
        return "torch.dtype"
    written_in_python = kind.__flags__ & 1 << 9
    name = whole_name(kind)
    return name if written_in_python or kind.__module__ == "builtins" else f"{kind.__module__}.{name}"


def need_device(kind: str) -> None:
    """PyTorch's error for a kind of device that is not there."""
    if kind == "cuda":
        raise AssertionError("Torch not compiled with CUDA enabled")
    if kind != "cpu":
        raise RuntimeError(f"PyTorch is not linked with support for {kind} devices")


def no_device(given: Any) -> TypeError:
    """PyTorch's error for what names no device."""
    listed = class_name(given) if not isinstance(given, list) else f"list of [{', '.join(map(class_name, given))}]"
    return TypeError(
        f"device() received an invalid combination of arguments - got ({class_name(given)}), but expected one of:\n"
        " * (torch.device device)\n"
        f"      didn't match because some of the arguments have invalid types: (!{listed}!)\n"
        " * (str type, int index = -1)\n"
    )


def no_attribute(value: Any, name: str) -> AttributeError:
    """Python's error for a value without an attribute."""
    if isinstance(value, type):
        return AttributeError(f"type object '{whole_name(value)}' has no attribute '{name}'")
    return AttributeError(f"'{class_name(value)}' object has no attribute '{name}'")


def ask(value: Any, name: str) -> None:
    """Python's error for what is no tensor, where PyTorch's functions in Python first ask for that attribute."""
    if not hasattr(value, "_data") and not hasattr(value, name):
        raise no_attribute(value, name)


def no_real_number(dtype: Any) -> RuntimeError:
    """For a complex number where a tensor of a real dtype takes one."""
    whole = {"int64": "int64_t", "int16": "int16_t", "int8": "int8_t", "uint8": "uint8_t"}
    return RuntimeError(f"value cannot be converted to type {whole.get(dtype.name, dtype.c_name)} without overflow")


_LARGEST_BFLOAT16 = 3.3895313892515355e38


def must_fit(value: Any, kind: dtype) -> None:
    """Raise where a Python number is beyond what a dtype holds (c10/util/Exception and TypeCast: checked_convert)."""
    array = kind.numpy
    if (value.__class__ is float or value.__class__ is int) and (0 <= value <= 127 or (array.kind == "f" and -65504 <= value <= 65504)):
        return  # nearly always
    if array.kind in "bc":
        return
    if isinstance(value, complex):
        if value.imag:
            raise no_real_number(kind)
        value = value.real
    if array.kind in "iu":
        limits = np.iinfo(array)
        low = -limits.max if array.kind == "u" and isinstance(value, int) else limits.min  # a whole number wraps around
        fits = bool(low <= value <= limits.max)
    else:
        fits = not np.isfinite(value) or bool(abs(value) <= (np.finfo(array).max if array.kind == "f" else _LARGEST_BFLOAT16))
    if not fits:
        raise no_real_number(kind)


def written_twice() -> RuntimeError:
    """One element of memory stands for several of a tensor that is to be written to."""
    return RuntimeError(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
        "Please clone() the tensor before performing the operation."
    )


def target_too_small(shape: tuple[int, ...], result: tuple[int, ...]) -> RuntimeError:
    """What is written in place would grow by broadcasting."""
    return RuntimeError(f"output with shape {sizes(shape)} doesn't match the broadcast shape {sizes(result)}")


def target_cannot_hold(result: dtype, target: dtype) -> RuntimeError:
    """What is written in place has a dtype of a higher kind than its place."""
    return RuntimeError(f"result type {result.scalar_name} can't be cast to the desired output type {target.scalar_name}")


def sizes(shape: tuple[int, ...]) -> str:
    """A shape as error texts show it: "[2, 3]"."""
    return "[" + ", ".join(map(str, shape)) + "]"


def no_grad_to_give(nr: int = 0) -> RuntimeError:
    """backward() on something without history."""
    return RuntimeError(f"element {nr} of tensors does not require grad and does not have a grad_fn")


def modified_inplace(array: Array, maker: str, output_nr: int, version: int, expected: int, anomaly: bool = False) -> RuntimeError:
    """A saved value was overwritten before backward read it. `maker` is the grad_fn name of the value, "" for none."""
    origin = ""
    if maker:
        name, _, number = maker.partition("Backward")
        known = number.isdigit() or not number
        short = name + number.removeprefix("0") if known else maker  # "Mul", "Mean1", "MyFunction", "torch::autograd::CopySlices"
        origin = f", which is output {output_nr} of {short},"
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[{old_type_name(array)} {sizes(array.shape)}]{origin} is at version {version}; expected version {expected} instead. "
        + (_ANOMALY_ON if anomaly else _ANOMALY_HINT)
    )


def cannot_broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> RuntimeError | None:
    """Two shapes that do not broadcast; None when they do."""
    for k in range(1, min(len(a), len(b)) + 1):
        if a[-k] != b[-k] and a[-k] != 1 and b[-k] != 1:
            return RuntimeError(
                f"The size of tensor a ({a[-k]}) must match the size of tensor b ({b[-k]}) "
                f"at non-singleton dimension {max(len(a), len(b)) - k}"
            )
    return None


def expanded(array: Array, wanted: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes that `expand` gives an array, where -1 keeps one; raises where they cannot be had."""
    shape, extra, full = array.shape, len(wanted) - array.ndim, list(wanted)
    if extra < 0:
        raise RuntimeError(
            f"expand({old_type_name(array)}{{{sizes(shape)}}}, size={sizes(wanted)}): the number of sizes provided ({len(wanted)}) "
            f"must be greater or equal to the number of dimensions in the tensor ({len(shape)})"
        )
    for k, n in reversed(tuple(enumerate(wanted))):  # from the last, as PyTorch looks
        have = shape[k - extra] if k >= extra else None
        if n == -1:
            if have is None:
                raise RuntimeError(f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {k}")
            full[k] = have
        elif have is not None and have not in (1, n):
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({have}) at non-singleton dimension {k}.  "
                f"Target sizes: {sizes(wanted)}.  Tensor sizes: {sizes(shape)}"
            )
    return tuple(full)


def leaf_in_place(is_view: bool = False) -> RuntimeError:
    """An in-place op on a leaf that requires grad, or on a view of one."""
    what = "a view of a leaf Variable" if is_view else "a leaf Variable"
    return RuntimeError(f"{what} that requires grad is being used in an in-place operation.")


def view_in_place(view: Any, through: str = "", indirect: bool = False) -> RuntimeError:
    """An in-place op on a view that autograd cannot follow (torch/csrc/autograd/variable.cpp, handle_view_on_rebase).

    Args:
        view: the view that is written to.
        through: the node of a view of it, through which it is written to.
        indirect: not the view is written to, but its base.
    """
    name = through or ("" if view._node is None else view._node.name())
    name = re.sub(r"Backward\d*$", "", name)
    modified = "its base or another view of its base has been" if indirect else "is being"
    block = "inference_mode" if view._made_in_inference else "no_grad"
    no_grad = view._made_in_no_grad and not view._multi_view and not view._made_in
    if no_grad or not name:
        told = f"Output {view._output_nr} of {name} is a view of a view which was created in" if name else "A view was created in"
        mode, when = ("inference mode", "in normal mode") if view._made_in_inference else ("no_grad mode", "with grad mode enabled")
        told += f" {mode} and {modified} modified inplace {when}."
    else:
        told = f"Output {0 if through else view._output_nr} of {name} is a view and {modified} modified inplace."
    if view._made_in:
        told += (
            " This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle "
            "view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This "
            "behavior is forbidden. You can fix this by cloning the output of the custom Function."
        )
    elif view._multi_view:
        told += (
            " This view is the output of a function that returns multiple views. Such functions do not allow the output views to be "
            "modified inplace. You should replace the inplace operation by an out-of-place one."
        )
    else:
        told += (
            " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view "
            f"and the inplace either both inside the {block} block (if you don't want the inplace to be tracked) or both outside (if you "
            "want the inplace to be tracked)."
        )
    return RuntimeError(told)


def inference_saved() -> RuntimeError:
    """A tensor made in inference mode is wanted by a vjp."""
    return RuntimeError(
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation "
        "tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use "
        "`torch.no_grad()` instead of `torch.inference_mode()`."
    )


def not_for_sparse(called: str) -> NotImplementedError:
    """What PyTorch says of an operator that its sparse tensors do not have."""
    return NotImplementedError(
        f"Could not run 'aten::{called}' with arguments from the 'SparseCPU' backend. This could be because the operator doesn't "
        "exist for this backend, or was omitted during the selective/custom build process (if using custom build)."
    )
