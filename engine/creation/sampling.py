"""Random tensors: the constructors (randn, randint, multinomial, ...) and the in-place fills (normal_, uniform_, ...)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, modes, random
from ..errors import class_name
from ..graph.written import blank
from ..half.bfloat16 import cast, readable
from ..memory import formats
from ..memory.computed import drawn as draw_told
from ..memory.inplace import check, overwrite, write
from ..naming.namespace import export
from ..naming.rows import invalid_combination, must_be_tensor
from ..op import Op, apply
from ..ops import draw_slopes
from ..ops.pointwise.elementwise import zeros_as
from ..ops.views.shape import sizes_of
from ..random import draws, rarer_draws
from ..random.draws import in_memory_order, turned
from ..tensor import Tensor
from .factories import leaf, size_of


def _numbers(value: Any) -> Any:
    """The array of a tensor."""
    return value._data if isinstance(value, Tensor) else value


def _generator(given: Any) -> Any:
    return random.default_generator if given is None else given


def _into(out: Any, data: Any) -> Tensor:
    """Put the numbers into `out=`."""
    if out._data.shape != data.shape:
        out._data = np.empty(data.shape, out._data.dtype)
    overwrite(out, data, "op")
    return out  # type: ignore[no-any-return]


_REST = ", Tensor out = None, torch.dtype dtype = None, torch.layout layout = None, torch.device device = None, bool pin_memory = False, bool requires_grad = False)"
_ENDS = ("*, torch.Generator generator" + _REST[:-1], "*" + _REST[:-1])


def _floating(kernel: str, d: dtypes.dtype) -> None:
    """PyTorch's error where a kernel has no version for a dtype."""
    if d.category < 2:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{d.scalar_name}'")


def _kind(data: Any) -> dtypes.dtype:
    return dtypes.BY_NUMPY[data.dtype]


def _must_be_tensor(name: str, value: Any) -> None:
    if not isinstance(value, Tensor):
        raise must_be_tensor(name, "input", 1, value)


# -- whole tensors of one distribution ------------------------------------------------------------------


def _constructor(name: str, draw: Any) -> None:
    def function(
        *args: Any, size: Any = None, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False,
        out: Any = None, layout: Any = None, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        d = dtype or (out.dtype if out is not None else dtypes.get_default_dtype())
        if not args and size is None:
            raise invalid_combination(name, (), *(f"tuple of ints size, {end}" for end in _ENDS))
        shape = size_of(name, args if size is None else (size,))
        _floating(_KERNELS[name], d)
        data = draw_told(_generator(generator), lambda g: draw(g, shape, d.numpy))
        return leaf(data, requires_grad) if out is None else _into(out, data)

    def like(
        input: Any, *, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None,
        layout: Any = None, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        _must_be_tensor(f"{name}_like", input)
        _floating(_KERNELS[name], dtype or input.dtype)
        d = (dtype or input.dtype).numpy
        like = input._data if memory_format is None else formats.empty_like(input._data, d, memory_format)
        serial = turned(like)
        data = draw_told(_generator(generator), lambda g: in_memory_order(like, lambda shape: draw(g, shape, d, serial)))
        return leaf(data, requires_grad)

    function.__name__ = name
    export("torch", name)(function)
    export("torch", name + "_like")(like)


_KERNELS = {"rand": "check_uniform_bounds", "randn": "normal_kernel_cpu"}
_constructor("rand", lambda g, shape, d, serial=False: draws.rand(g, shape, d))
_constructor("randn", lambda g, shape, d, serial=False: draws.randn(g, shape, d, serial))


def _whole(name: str, argument: str, position: int, value: Any) -> None:
    if not isinstance(value, (int, np.integer, Tensor)):
        raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be int, not {class_name(value)}")


def _bounds(low: Any, high: Any) -> None:
    if not all(-(2**63) <= v < 2**63 for v in (low, high)):
        raise ValueError("Overflow when unpacking long long")
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")


_C_BOUNDS = {"uint8": "unsigned char", "int8": "signed char", "int16": "short", "int32": "int", "bool": "bool"}


def _must_hold(low: int, high: int, dtype: Any) -> None:
    """Raise where a dtype cannot hold all that may be drawn."""
    name = "" if dtype is None else dtype.name
    if name in _C_BOUNDS:
        limits = (0, 1) if name == "bool" else (np.iinfo(dtype.numpy).min, np.iinfo(dtype.numpy).max)
        for word, n in (("from", low), ("to - 1", high - 1)):
            if not limits[0] <= n <= limits[1]:
                raise RuntimeError(f"{word} is out of bounds for {_C_BOUNDS[name]}")


@export("torch")
def randint(
    *args: Any, low: Any = None, high: Any = None, size: Any = None, generator: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, out: Any = None, layout: Any = None,
) -> Tensor:  # fmt: skip
    """Whole numbers in [low, high): randint(high, size) or randint(low, high, size)."""
    rest = list(args)
    if size is None and rest:
        size = rest.pop()
    numbers = [*([] if low is None else [low]), *rest, *([] if high is None else [high])]
    if len(numbers) == 1 and isinstance(size, int) and len(args) == 2:
        raise TypeError(f"randint(): argument 'size' (position 2) must be tuple of ints, not {class_name(size)}")
    if size is None or isinstance(size, int) or not 1 <= len(numbers) <= 2:
        heads = ("int high, ", "int low, int high, ")
        raise invalid_combination("randint", args, *(f"{head}tuple of ints size, {end}" for head in heads for end in _ENDS))
    for k, n in enumerate(numbers):
        _whole("randint", "high" if k == len(numbers) - 1 else "low", k + 1, n)
    start, end = (int(n) for n in numbers) if len(numbers) == 2 else (0, int(numbers[0]))
    _bounds(start, end)
    _must_hold(start, end, dtype)
    shape, d = size_of("randint", (size,), len(numbers) + 1), (dtype or dtypes.int64).numpy
    data = draw_told(_generator(generator), lambda g: cast(draws.randint(g, start, end, shape), d))
    return leaf(data, requires_grad) if out is None else _into(out, data)


@export("torch")
def randint_like(input: Any, *args: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **named: Any) -> Tensor:
    """Whole numbers in [low, high), of the shape and dtype of the input."""
    numbers = [*args, *(named[k] for k in ("low", "high") if k in named)]
    start, end = numbers if len(numbers) == 2 else (0, numbers[0])
    _bounds(start, end)
    like, d = input._data, (dtype or input.dtype).numpy

    def draw(g: Any) -> Any:
        return cast(in_memory_order(like, lambda shape: draws.randint(g, start, end, shape)), d)

    return leaf(draw_told(random.default_generator, draw), requires_grad)


@export("torch")
def randperm(
    n: int, *, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None
) -> Tensor:
    """The numbers 0 to n-1 in random order."""
    _whole("randperm", "n", 1, n)
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    d = (dtype or dtypes.int64).numpy
    return leaf(draw_told(_generator(generator), lambda g: cast(draws.randperm(g, n), d)), requires_grad)


# -- distributions with tensors as parameters -----------------------------------------------------------


bernoulli_row = Op("bernoulli", lambda x, drawn: drawn, vjps=(lambda g: zeros_as(g),), formulas=(r"\bar{x} = 0",))


@export("torch method")
def bernoulli(input: Any, p: Any = None, *, generator: Any = None, out: Any = None) -> Tensor:
    """Ones with the probabilities of the input, or with one probability."""
    _must_be_tensor("bernoulli", input)
    g, data = _generator(generator), input._data
    if p is not None:
        _check_p(p)
        return leaf(draw_told(g, lambda g: cast(in_memory_order(data, lambda shape: draws.bernoulli_p(g, shape, p)), data.dtype)))
    _floating("bernoulli_tensor_cpu_p_", _kind(data))
    if data.size and not ((readable(data) >= 0) & (readable(data) <= 1)).all():
        raise RuntimeError(
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  "
            "(Could this error message be improved?  If so, please report an enhancement request to PyTorch.)"
        )
    drawn = draws.bernoulli_of(g, data)
    if input.requires_grad and out is None:
        made: Tensor = apply(bernoulli_row, (input,), {"drawn": drawn})
        return made
    return leaf(drawn) if out is None else _into(out, drawn)


def _check_p(p: Any) -> None:
    if not isinstance(p, Tensor) and not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")


def _must_be_chances(rows: Any) -> None:
    """What the kernel says that draws with replacement, of the first row that is no distribution."""
    for row in rows:
        bad = np.flatnonzero(~((row >= 0) & np.isfinite(row)))
        if bad.size:
            what = "= infinity or NaN" if row[bad[0]] >= 0 else "< 0"
            raise RuntimeError(f"invalid multinomial distribution (encountering probability entry {what})")
        if not row.sum() > 0:
            raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")


@export("torch method")
def multinomial(input: Any, num_samples: int, replacement: bool = False, *, generator: Any = None, out: Any = None) -> Tensor:
    """Indices drawn with the weights of the input."""
    p = readable(input._data)
    if p.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if p.dtype.kind != "f":
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {dtypes.BY_NUMPY[p.dtype].scalar_name}")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > p.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if p.shape[-1] > 2**24:
        raise RuntimeError("number of categories cannot exceed 2^24")
    if out is not None and out._data.dtype != np.int64:
        raise RuntimeError(f"multinomial expects Long tensor out, got: {out.dtype.scalar_name}")
    if replacement and num_samples > 1:
        _must_be_chances(np.atleast_2d(p))
    elif (p < 0).any() or not np.isfinite(p).all():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    elif (p.sum(-1) <= 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    drawn = draws.multinomial(_generator(generator), p, num_samples, replacement)
    return leaf(drawn) if out is None else _into(out, drawn)


# of a mean, of a deviation, of both: a draw moves with none of them
normal_rows = [blank("normal", f"NormalBackward{k}", n, forward=lambda *given, drawn: drawn) for k, n in ((1, 1), (2, 1), (3, 2))]
poisson_row = blank("poisson", "PoissonBackward0", forward=lambda x, drawn: drawn)


@export("torch")
def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Any = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, out: Any = None,
) -> Tensor:  # fmt: skip
    """Normal numbers with given means and deviations."""
    g = _generator(generator)
    if size is not None:
        _check_std(std)
        shape, d = sizes_of((size,)), (dtype or dtypes.get_default_dtype()).numpy
        return leaf(draw_told(g, lambda g: draws.normal(g, shape, mean, std, d)), requires_grad)
    tensors = [v for v in (mean, std) if isinstance(v, Tensor)]
    if not tensors:
        signatures = ("Tensor mean, Tensor std, *, ", "Tensor mean, float std = 1, *, ", "float mean, Tensor std, *, ")
        tail = f"float mean, float std, tuple of ints size, *, torch.Generator generator = None{_REST[:-1]}"
        simple = (f"{s}torch.Generator generator = None, Tensor out = None" for s in signatures)
        raise invalid_combination("normal", (mean, std), *simple, tail)
    if isinstance(std, Tensor):
        if std._data.size and not (std._data >= 0).all():
            raise RuntimeError("normal expects all elements of std >= 0.0")
    else:
        _check_std(std)
    kind = tensors[0]._data.dtype
    shape = np.broadcast_shapes(*(v._data.shape for v in tensors))
    data = draws.randn(g, shape, kind) * std._data if isinstance(std, Tensor) else draws.normal(g, shape, 0.0, std, kind)
    data = np.asarray(data + (mean._data if isinstance(mean, Tensor) else kind.type(mean)), kind)
    if out is None and any(t._requires_grad for t in tensors):
        row = normal_rows[len(tensors) if len(tensors) == 2 else int(tensors[0] is not mean)]
        return apply(row, tuple(tensors), {"drawn": data})  # type: ignore[no-any-return]
    return leaf(data) if out is None else _into(out, data)


def _check_std(std: float) -> None:
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")


@export("torch")
def poisson(input: Any, generator: Any = None) -> Tensor:
    """Counts with the rates of the input."""
    _floating("poisson_cpu", input.dtype)
    if (input._data < 0).any():
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    drawn = rarer_draws.poisson(_generator(generator), input._data)
    return apply(poisson_row, (input,), {"drawn": drawn}) if input._requires_grad else leaf(drawn)


@export("torch")
def binomial(count: Any, prob: Any, generator: Any = None) -> Tensor:
    """Numbers of successes."""
    n, p = np.broadcast_arrays(count._data, prob._data)
    return leaf(rarer_draws.binomial(_generator(generator), n, p))


def _moved(g: Any, slope: Any) -> Any:
    return g * (Tensor._of(slope) if isinstance(g, Tensor) else slope)


standard_gamma_row = Op(
    "standard_gamma", lambda x, drawn: drawn,
    vjps=(lambda g, x, result: _moved(g, draw_slopes.gamma(_numbers(x), _numbers(result))),),
    formulas=(r"\bar{x} = \bar{z}\,\partial z / \partial x",),
)  # fmt: skip


@export("torch")
def _standard_gamma(input: Any, generator: Any = None) -> Any:
    """Gamma numbers of scale 1."""
    return apply(standard_gamma_row, (input,), {"drawn": rarer_draws.gamma(_generator(generator), input._data)})


@export("torch")
def _dirichlet_grad(x: Any, alpha: Any, total: Any) -> Tensor:
    """How draws of a Dirichlet distribution move with their concentrations."""
    return leaf(draw_slopes.dirichlet(x._data, alpha._data, total._data))


@export("torch")
def _sample_dirichlet(input: Any, generator: Any = None) -> Tensor:
    """Points of the simplex."""
    return leaf(rarer_draws.dirichlet(_generator(generator), input._data))


# -- in-place fills --------------------------------------------------------------------------------------


def _fill(name: str, draw: Any, variants: int = 1) -> None:
    """Publish `x.NAME(..., generator=)`; `draw(generator, target array, ...)` gives the numbers.

    What the tensor was before moves nothing any more: PyTorch has a node for that, of as many `variants` as there are ways to call it.
    """
    stem = "".join(word.capitalize() for word in name.rstrip("_").split("_"))
    rows = [blank(name, f"{stem}Backward{k}", forward=lambda x, drawn: drawn) for k in range(variants)]

    def method(self: Any, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
        check(self)
        g, target = _generator(generator), self._data
        if any(isinstance(x, Tensor) for x in (*args, *kwargs.values())):  # chances that may be others next time
            drawn = draw(g, target, *args, **kwargs)
        else:
            drawn = draw_told(g, lambda g: draw(g, target, *args, **kwargs))
        if modes.grad and self._requires_grad:
            given = len(args) + len(kwargs)
            variant = variants - 1 - (given if name != "bernoulli_" else any(isinstance(p, Tensor) for p in (*args, *kwargs.values())))
            write(rows[variant] if variants > 1 else rows[0], self, (), {"drawn": drawn})
        else:
            overwrite(self, drawn, "op")
        return self

    method.__name__ = name
    export("method", name)(method)


def _normal(g: Any, data: Any, mean: float = 0.0, std: float = 1.0) -> Any:
    _check_std(std)
    _floating("normal_kernel_cpu", _kind(data))
    serial = not data.flags.c_contiguous
    return in_memory_order(data, lambda shape: draws.normal(g, shape, mean, std, data.dtype, serial))


def _uniform(g: Any, data: Any, *args: float, **named: float) -> Any:
    _floating("check_uniform_bounds", _kind(data))
    low = args[0] if args else named.get("from", named.get("from_", 0.0))
    high = args[1] if len(args) > 1 else named.get("to", 1.0)
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    return in_memory_order(data, lambda shape: draws.uniform(g, shape, low, high, data.dtype))


def _bernoulli(g: Any, data: Any, p: Any = 0.5) -> Any:
    _check_p(p)
    if isinstance(p, Tensor):
        return in_memory_order(data, lambda shape, chances: draws.bernoulli_of(g, chances), np.broadcast_to(p._data, data.shape))
    if data.dtype.kind == "c":
        raise NotImplementedError(f"\"bernoulli_scalar_cpu_\" not implemented for '{_kind(data).scalar_name}'")
    return in_memory_order(data, lambda shape: draws.bernoulli_p(g, shape, p))


def _random(g: Any, data: Any, *args: int, **named: int) -> Any:
    bounds = [*args, *(named[k] for k in ("from", "to") if k in named)]
    if not bounds:
        return in_memory_order(data, lambda shape: draws.random_full(g, shape, data.dtype))
    low, high = bounds if len(bounds) == 2 else (0, bounds[0])
    _bounds(low, high)
    return in_memory_order(data, lambda shape: draws.randint(g, low, high, shape))


def _exponential(g: Any, data: Any, lambd: float = 1.0) -> Any:
    if _kind(data).category < 2:
        raise RuntimeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you specified "
            f"{_kind(data).scalar_name}"
        )
    if lambd <= 0.0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    return in_memory_order(
        data, lambda shape: rarer_draws.exponential(g, shape, lambd, np.dtype(np.float32) if data.dtype.kind == "V" else data.dtype)
    )


def _geometric(g: Any, data: Any, p: float) -> Any:
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    return in_memory_order(data, lambda shape: rarer_draws.geometric(g, shape, p))


def _cauchy(g: Any, data: Any, median: float = 0.0, sigma: float = 1.0) -> Any:
    if sigma <= 0.0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    return in_memory_order(data, lambda shape: rarer_draws.cauchy(g, shape, median, sigma))


def _log_normal(g: Any, data: Any, mean: float = 1.0, std: float = 2.0) -> Any:
    if std <= 0.0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    return in_memory_order(data, lambda shape: cast(rarer_draws.log_normal(g, shape, mean, std), data.dtype))


_fill("normal_", _normal)
_fill("uniform_", _uniform)
_fill("bernoulli_", _bernoulli, 3)
_fill("random_", _random, 3)
_fill("exponential_", _exponential)
_fill("geometric_", _geometric)
_fill("cauchy_", _cauchy)
_fill("log_normal_", _log_normal)

__all__ = ["bernoulli", "multinomial", "normal", "poisson", "randint", "randint_like", "randperm"]
