"""From a row to its public names: the function, the method, the in-place method, and their argument checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, errors, modes
from ..calls import quick
from ..calls.kernels import KERNELS
from ..errors import class_name
from ..memory.places import reshape
from ..op import Op, apply
from ..tensor import Tensor
from . import overrides
from .namespace import export

NOTHING: Any = object()  # an argument that was not given
NUMBERS = (int, float, bool, complex, np.number, np.bool_)


def must_be_tensor(function: str, argument: str, position: int, value: Any) -> TypeError:
    """PyTorch's words for an argument that is no tensor."""
    return TypeError(f"{function}(): argument '{argument}' (position {position}) must be Tensor, not {class_name(value)}")


# Ops that write their result straight into `out`, and so want its dtype; all others cast (ATen's structured kernels).
_OWN_DTYPE = frozenset({"gather", "matmul", "mm", "mv", "bmm", "addmm", "addmv", "addbmm", "baddbmm", "norm", "diag", "aminmax",
                        "sort", "topk", "max", "min", "median", "kthvalue", "argmax", "argmin", "isin", "softmax", "log_softmax",
                        "slogdet", "qr", "eigh", "inv_ex", "solve_ex", "cholesky_ex", "lu_factor_ex", "lu", "triangular_solve", "argsort"})  # fmt: skip


# what autograd calls an op that is made of others, where `out=` is in question
_WITH_OUT = {
    "linalg_det": "_linalg_det", "linalg_inv": "linalg_inv_ex", "inv": "linalg_inv_ex", "inverse": "linalg_inv_ex", "inv_ex": "linalg_inv_ex",
    "linalg_solve": "_linalg_solve_ex", "solve_ex": "_linalg_solve_ex", "slogdet": "_linalg_slogdet", "qr": "linalg_qr", "svdvals": "_linalg_svd",
    "eig": "linalg_eig", "eigh": "_linalg_eigh", "eigvalsh": "_linalg_eigh", "cholesky_ex": "linalg_cholesky_ex",
    "lu_factor": "linalg_lu_factor_ex", "lu_factor_ex": "linalg_lu_factor_ex", "lu_solve": "linalg_lu_solve", "multi_dot": "mm",
    "solve_triangular": "linalg_solve_triangular", "linalg_vecdot": "sum", "vector_norm": "linalg_vector_norm", "norm": "linalg_vector_norm",
    **dict.fromkeys(("hstack", "vstack", "dstack", "column_stack", "row_stack"), "cat"), "inner": "mul", "outer": "mul", "square": "pow",
    "msort": "sort", "nanmean": "nansum", "take_along_dim": "gather", "diff": "sub", "matrix_power": "matmul",
    **dict.fromkeys(("hfft", "hfft2", "hfftn", "irfft", "irfft2", "irfftn"), "_fft_c2r"),
    **{n: f"special_{n}" for n in ("entr", "erfcx", "i0e", "i1", "i1e", "log_ndtr", "ndtri", "xlog1py", "zeta")},
}  # fmt: skip
# made of others, too, but so that only what is written to is asked for its history
_COMPOSITE = frozenset(("softmax", "log_softmax"))


def _without_history(out: Tensor, result: Tensor, name: str) -> None:
    """Autograd's error for `out=` among tensors that require grad; it has nothing against what can have no gradient anyway."""
    kind = result._data.dtype.kind
    if (out._requires_grad and (kind in "iu" and name not in _OWN_DTYPE)) or name in _COMPOSITE:
        told = f"aten::{name}"
    elif kind in "biu":
        return
    else:
        told = _WITH_OUT.get(name, name)
    if out._requires_grad or name not in _COMPOSITE:
        raise RuntimeError(
            f"{told}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad."
        )


def _own_dtype(have: dtypes.dtype, want: dtypes.dtype, name: str) -> None:
    """Raise where an op does not write a dtype into a place of another one."""
    if name in ("all", "any") and have is not dtypes.uint8:
        raise RuntimeError(f"{name} only supports bool tensor for result, got: {have.scalar_name}")
    if name in _OWN_DTYPE:
        raise RuntimeError(f"Expected out tensor to have dtype {want.c_name}, but got {have.c_name} instead")
    if name == "dot":
        raise RuntimeError(f"result dtype {have.scalar_name} does not match input dtype {want.scalar_name}")
    if name == "index_select":
        raise RuntimeError("index_select(): self and result must have the same scalar type")
    if name == "signbit":
        raise RuntimeError("signbit does not support non-boolean outputs.")
    if name in {"cat", "stack"} and want.category > have.category:
        raise TypeError(f"torch.cat(): input types can't be cast to the desired output type {have.scalar_name}")


def into(out: Any, result: Any, name: str) -> Any:
    """Put a result into `out=`, as PyTorch's out variants do."""
    if out is None:
        return result
    from ..memory.inplace import store, written_once

    if isinstance(result, tuple):
        made = tuple(into(o, r, name) for o, r in zip(out, result, strict=True))
        return type(result)(*made) if hasattr(result, "_fields") else made
    if modes.grad and (out._requires_grad or result._requires_grad):
        _without_history(out, result, name)
    written_once(out)
    have, want = out.dtype, result.dtype
    if have is not want:
        _own_dtype(have, want, name)
    if out._data.shape != result._data.shape:
        if out._data.size:
            modes.warn(
                f"An output with one or more elements was resized since it had shape {errors.sizes(out._data.shape)}, which does not match "
                f"the required output shape {errors.sizes(result._data.shape)}. This behavior is deprecated, and in a future PyTorch release "
                "outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, "
                "inplace, to zero elements with t.resize_(0). (Triggered internally at "
                "/__w/pytorch/pytorch/aten/src/ATen/native/Resize.cpp:30.)"
            )
        reshape(out, result._data.shape)
    store(out, result._data)
    return out


# Ops that read their inputs while they write `out`, so that the two may not share memory.
_APART = frozenset({"gather", "index_select", "take", "masked_select", "cat", "concat", "stack", "kthvalue", "take_along_dim", "scatter"})


def apart(name: str, args: Any, out: Any) -> None:
    """Raise where `out=` shares memory with an input that the op reads while it writes."""
    from ..memory.inplace import written_once

    for written in out if isinstance(out, (tuple, list)) else (out,):
        if not isinstance(written, Tensor) or name not in _APART:
            continue
        written_once(written)
        for given in args:
            for read in given if isinstance(given, (tuple, list)) else (given,):
                if isinstance(read, Tensor) and np.may_share_memory(read._data, written._data):
                    raise RuntimeError(
                        "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory "
                        "location. Please clone() the tensor before performing the operation."
                    )


def _refusing(row: Op, name: str) -> None:
    """Let a row ask first whether PyTorch has a kernel for the dtype that its operands meet in."""
    kernel, then = KERNELS.get(name), row.check
    if kernel is None or kernel.by != "both":
        return

    def check(*operands: Any) -> None:
        common = dtypes.result_type(operands)
        if common.scalar_name in kernel.lacks:
            of_kernel = len(operands) == 2 and not kernel.name.startswith("!")
            told = errors.cannot_broadcast(*(np.shape(x) for x in operands)) if of_kernel else None
            if told is not None:
                raise told
            kernel.refuse_dtype(common)
        if then is not None:
            then(*operands)

    row.check = check


def publish_unary(row: Op, where: str = "torch method", names: tuple[str, ...] = (), inplace: bool = True) -> Op:
    """`torch.NAME(x)`, `x.NAME()` and `x.NAME_()` of an op with one tensor."""
    _refusing(row, names[0] if names else row.name)
    call = quick.unary(row)
    for n in names or (row.name,):
        for home in where.split():
            if home == "method":
                export("method", n)(_named(quick.unary(row, n), n))
            else:
                export(home, n)(_of_one(home, n, call))
    if inplace:

        def write_method(self: Any) -> Any:
            from ..memory.inplace import write

            return write(row, self)

        write_method.checks = True  # type: ignore[attr-defined]

        def write_function(input: Any) -> Any:
            return write_method(input)

        for n in names or (row.name,):
            write_method.__name__ = n + "_"
            export("method", n + "_")(write_method)
            export(where.replace("method", ""), n + "_")(write_function)
    return row


def _of_one(home: str, name: str, call: Callable[[Any], Any]) -> Callable[..., Any]:
    """The function of one tensor; hot, so that nothing is asked of a call that is as it should be."""

    def function(input: Any = NOTHING, /, *more: Any, out: Any = None, **named: Any) -> Any:
        if more or named or not isinstance(input, Tensor):
            return _unusual(function, home, name, (input, *more), named, out)
        result = call(input)
        return result if out is None else into(_writable(home, name, (input,), out), result, name)

    function.asks = True  # type: ignore[attr-defined]
    return _named(function, name)


# PyTorch's names of the arguments, and numpy's
_SAID = {"input": 0, "x": 0, "a": 0, "x1": 0, "other": 1, "x2": 1}


def _unusual(function: Callable[..., Any], home: str, name: str, given: tuple[Any, ...], named: dict[str, Any], out: Any) -> Any:
    """A call that the quick way does not take: PyTorch's error, or the same call without names."""
    own = overrides.overriding(given, named)
    if own:
        return overrides.call(function, home, name, own, [x for x in given if x is not NOTHING], named)
    problem = refused(home, name, *given, **named, **({} if out is None else {"out": out}))
    if not isinstance(problem, _TakenError) or not named or any(key not in _SAID for key in named):
        raise problem
    placed = list(given)
    for key, value in named.items():
        placed[_SAID[key]] = value
    return function(*placed, out=out)


class _TakenError(TypeError):
    """PyTorch's parser has nothing against the call."""


def _writable(home: str, name: str, given: tuple[Any, ...], out: Any) -> Any:
    from ..calls.signatures import refusal

    told = refusal(home, name, given, {"out": out})
    if told is not None or not isinstance(out, Tensor):
        raise told or refused(home, name, *given, out=out)
    return out


def operand(function: str, value: Any, position: int = 2) -> Any:
    """A second operand: a tensor or a number, else PyTorch's error."""
    if isinstance(value, (Tensor, *NUMBERS)):
        return value.item() if isinstance(value, (np.number, np.bool_)) else value
    raise must_be_tensor(function, "other", position, value)


def invalid_combination(function: str, given: Any, *signatures: str) -> TypeError:
    """PyTorch's words for arguments that fit no signature; `given` are positional ones, or a dict of named ones."""
    if isinstance(given, dict):
        types = "".join(f"{name}={class_name(v)}, " for name, v in given.items())
    else:
        types = ", ".join("Tensor" if type(v) is Tensor else class_name(v) for v in given)
    known = "".join(f"\n * ({s})" for s in signatures)
    return TypeError(f"{function}() received an invalid combination of arguments - got ({types}), but expected one of:{known}\n")


def _fits(given: tuple[Any, ...], numbers: str) -> bool:
    """Whether numbers stand only where they may."""
    if not numbers:
        return all(isinstance(v, Tensor) for v in given)
    if not all(isinstance(v, (Tensor, *NUMBERS)) for v in given):
        return False
    return isinstance(given[0], Tensor) or numbers == "all" or (numbers == "both" and isinstance(given[1], Tensor))


def refused(home: str, name: str, *given: Any, **named: Any) -> TypeError:
    """PyTorch's error for a call with these arguments; of a name that its parser does not know, that a tensor must stand there."""
    from ..calls.signatures import refusal

    given = tuple(value for value in given if value is not NOTHING)
    told = refusal(home, name, given, named)
    if told is not None:
        return told
    if not given:
        return _TakenError(f"{name}() missing 1 required positional argument: 'input'")
    place = next((k for k, value in enumerate(given[:2]) if not isinstance(value, Tensor)), 0)
    return _TakenError(str(must_be_tensor(name, ("input", "other")[place], place + (home != "method"), given[place])))


def publish_binary(
    row: Op,
    where: str = "torch method",
    names: tuple[str, ...] = (),
    inplace: bool = True,
    numbers: str = "both",
    by_number: Op | None = None,
    of_number: Op | None = None,
) -> Op:
    """`torch.NAME(x, y)`, `x.NAME(y)` and `x.NAME_(y)`; `numbers` says where a number may stand: "both" (in either place), "all" (also in
    both of them), "other" or "".

    PyTorch has nodes of their own for some ops with a number; then `by_number` is their row, and `of_number` where it stands first.
    """
    with_number = by_number or row
    name = names[0] if names else row.name
    for each in {id(one): one for one in (row, with_number, of_number or row)}.values():
        _refusing(each, name)
    for n in names or (row.name,):
        for home in where.split():
            if home != "method":
                export(home, n)(_of_two(home, n, row, with_number, of_number or row, numbers))
                continue
            export("method", n)(_method_of_two(n, row, with_number, numbers and "other"))
            if inplace:
                export("method", n + "_")(_write_of_two(n + "_", row, with_number, numbers and "other"))
    return row


def _of_two(home: str, name: str, row: Op, with_number: Op, of_number: Op, numbers: str) -> Callable[..., Any]:
    def function(input: Any = NOTHING, other: Any = NOTHING, /, *more: Any, out: Any = None, **named: Any) -> Any:
        if more or named or ((not isinstance(input, Tensor) or not isinstance(other, Tensor)) and not _fits((input, other), numbers)):
            return _unusual(function, home, name, (input, other, *more), named, out)
        chosen = with_number if not isinstance(other, Tensor) else row if isinstance(input, Tensor) else of_number
        result = apply(chosen, (operand(name, input, 1), operand(name, other)))
        return result if out is None else into(_writable(home, name, (input, other), out), result, name)

    function.asks = True  # type: ignore[attr-defined]
    return _named(function, name)


def _method_of_two(name: str, row: Op, with_number: Op, numbers: str) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        if (not isinstance(self, Tensor) or not isinstance(other, Tensor)) and not _fits((self, other), numbers):
            raise refused("method", name, self, other)
        return apply(row if isinstance(other, Tensor) else with_number, (self, operand(name, other, 1)))

    return _named(method, name)


def _write_of_two(name: str, row: Op, with_number: Op, numbers: str) -> Callable[..., Any]:
    def write_method(self: Any, other: Any) -> Any:
        from ..memory.inplace import write

        if (not isinstance(self, Tensor) or not isinstance(other, Tensor)) and not _fits((self, other), numbers):
            raise refused("method", name, self, other)
        return write(row if isinstance(other, Tensor) else with_number, self, (operand(name, other, 1),))

    return _named(write_method, name)


def _named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    function.__name__ = name
    function.__qualname__ = name
    function.checks = True  # type: ignore[attr-defined]  # its row asks the kernel
    return function
