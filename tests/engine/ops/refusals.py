"""Calls that PyTorch refuses, made from calls that it takes: tools/refusal_goldens.py stores its words, the tests ask the engine for them.

Each call that works is spoiled in every way of WRONG, one argument after another, and by what is missing, too much or unknown,
by dtypes and by shapes.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

WRONG = ("'text'", "None", "[1.5]", "(1, 2)", "True", "ARRAY", "2", "2.5", "1j", "t('f', 2)", "t('l')", "torch.float64", "{}", "[]")
DTYPES = {"f": "float32", "d": "float64", "l": "int64", "i": "int32", "b": "bool", "u": "uint8", "h": "float16", "c": "complex64"}
SHAPES = ((), (0,), (5,), (4, 2), (2, 3, 4), (2, 0))

X, M, V = "t('f', 2, 3)", "t('f', 3, 3)", "t('f', 3)"
LINE, PLANE, SPACE = "t('f', 2, 3, 8)", "t('f', 2, 3, 8, 8)", "t('f', 2, 3, 4, 4, 4)"
INDEX, MASK = "t('l', 2)", "t('b', 2, 3)"

# names of torch.* and of methods, or of torch.nn.functional (F.), with the arguments of a call that works
CALLS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("sin", "exp", "log", "tanh", "sigmoid", "sqrt", "abs", "neg", "floor", "round", "erf", "lgamma", "relu", "square", "frac", "logit",
         "deg2rad", "isposinf", "isnan", "t", "det", "trace", "bincount", "unique", "nonzero", "numel"), (X,)
    ),
    **dict.fromkeys(
        ("add", "sub", "mul", "div", "pow", "maximum", "fmax", "atan2", "lt", "eq", "fmod", "remainder", "floor_divide", "logical_and", "hypot",
         "gcd", "bitwise_and", "bitwise_left_shift", "xlogy", "copysign", "logaddexp", "where", "masked_select", "dist", "true_divide", "rsub"),
        (X, X),
    ),
    **dict.fromkeys(("mm", "matmul", "bmm", "mv", "dot", "inner", "outer", "cross", "kron"), (M, M)),
    **dict.fromkeys(("sum", "mean", "var", "std", "prod", "argmax", "argmin", "amax", "cumsum", "cumprod", "median", "mode", "all", "any",
                     "logsumexp", "sort", "argsort", "softmax", "log_softmax", "unsqueeze", "squeeze", "flip", "max", "min", "cummax", "norm",
                     "nansum", "logcumsumexp", "unbind", "diff", "aminmax"), (X, "1")),
    **dict.fromkeys(("transpose", "swapaxes", "movedim", "flatten", "narrow", "select", "diagonal"), (X, "0", "1")),
    "reshape": (X, "(3, 2)"), "view": (X, "(3, 2)"), "permute": (X, "(1, 0)"), "expand": (X, "(2, 3)"), "repeat": (X, "(2, 1)"), "tile": (X, "(2, 1)"),
    "cat": (f"[{X}, {X}]", "0"), "stack": (f"[{X}, {X}]", "0"), "chunk": (X, "2", "0"), "split": (X, "1", "0"), "roll": (X, "1", "0"),
    "clamp": (X, "0.0", "1.0"), "topk": (X, "1", "1"), "kthvalue": (X, "1", "1"), "gather": (X, "0", "t('l', 2, 3)"),
    "index_select": (X, "0", INDEX), "scatter": (X, "0", "t('l', 2, 3)", X), "masked_fill": (X, MASK, "0.5"), "lerp": (X, X, "0.5"),
    "addmm": (M, M, M), "addcmul": (X, X, X), "tril": (X, "0"), "repeat_interleave": (X, "2", "0"), "meshgrid": (V, V), "einsum": ("'ij,jk'", M, M),
    "ones": ("(2, 3)",), "zeros": ("2", "3"), "full": ("(2, 3)", "1.0"), "arange": ("0", "5", "1"), "linspace": ("0.0", "1.0", "5"), "eye": ("3", "3"),
    "zeros_like": (X,), "rand": ("2", "3"), "randint": ("0", "5", "(2,)"), "bernoulli": (X,), "multinomial": (X, "2"), "normal": (X, X),
    "complex": (X, X), "cdist": (X, X), "tensordot": (X, "t('f', 3, 2)", "1"), "allclose": (X, X), "searchsorted": (V, V), "histc": (X, "4"),
    "add_": (X, X), "mul_": (X, "2.0"), "copy_": (X, X), "fill_": (X, "1.0"), "zero_": (X,), "item": ("t('f', 1)",), "type_as": (X, X),
    "F.relu": (X,), **dict.fromkeys(("F.gelu", "F.silu", "F.mish", "F.hardswish", "F.hardsigmoid", "F.softsign", "F.selu", "F.logsigmoid"), (X,)),
    "F.leaky_relu": (X, "0.1"), "F.elu": (X, "1.0"), "F.celu": (X, "1.0"), "F.hardtanh": (X, "-1.0", "1.0"), "F.softplus": (X, "1.0", "20.0"),
    "F.softmax": (X, "1"), "F.log_softmax": (X, "1"), "F.glu": ("t('f', 2, 4)", "1"), "F.threshold": (X, "0.1", "0.0"), "F.prelu": (X, V),
    "F.linear": (X, X, "t('f', 2)"), "F.bilinear": (X, X, "t('f', 4, 3, 3)"), "F.embedding": (INDEX, X), "F.one_hot": (INDEX, "4"),
    "F.dropout": (X, "0.5", "True"), "F.dropout2d": (PLANE, "0.5", "True"), "F.normalize": (X, "2.0", "1"), "F.cosine_similarity": (X, X, "1"),
    **dict.fromkeys(("F.mse_loss", "F.l1_loss", "F.smooth_l1_loss", "F.huber_loss", "F.binary_cross_entropy", "F.kl_div", "F.soft_margin_loss",
                     "F.binary_cross_entropy_with_logits", "F.hinge_embedding_loss", "F.poisson_nll_loss", "F.multilabel_soft_margin_loss"), (X, X)),
    "F.cross_entropy": (X, INDEX), "F.nll_loss": (X, INDEX), "F.multi_margin_loss": (X, INDEX), "F.cosine_embedding_loss": (X, X, "t('f', 2)"),
    "F.margin_ranking_loss": (V, V, V), "F.triplet_margin_loss": (X, X, X), "F.layer_norm": (X, "(3,)", V, V), "F.rms_norm": (X, "(3,)"),
    "F.batch_norm": (X, V, V, V, V), "F.group_norm": (LINE, "3", V, V), "F.instance_norm": (LINE,), "F.local_response_norm": (LINE, "2"),
    "F.conv1d": (LINE, "t('f', 4, 3, 2)", "t('f', 4)"), "F.conv2d": (PLANE, "t('f', 4, 3, 2, 2)", "t('f', 4)"),
    "F.conv_transpose2d": (PLANE, "t('f', 3, 4, 2, 2)"), "F.max_pool1d": (LINE, "2"), "F.max_pool2d": (PLANE, "2"), "F.max_pool3d": (SPACE, "2"),
    "F.avg_pool1d": (LINE, "2"), "F.avg_pool2d": (PLANE, "2", "2", "1"), "F.adaptive_avg_pool2d": (PLANE, "2"), "F.adaptive_max_pool2d": (PLANE, "2"),
    "F.interpolate": (PLANE, "4"), "F.pad": (X, "(1, 1)", "'constant'", "0.0"), "F.unfold": (PLANE, "2"), "F.fold": ("t('f', 2, 12, 49)", "8", "2"),
    "F.scaled_dot_product_attention": (LINE, LINE, LINE), "linalg.inv": (M,), "linalg.solve": (M, M), "linalg.norm": (X,), "linalg.det": (M,),
    "linalg.matrix_power": (M, "2"), "linalg.svdvals": (X,), "linalg.cholesky": (M,), "linalg.eigvalsh": (M,), "linalg.vector_norm": (X, "2.0"),
    "special.expit": (X,), "special.xlogy": (X, X), "special.i0e": (X,), "special.zeta": (X, X), "special.erfcx": (X,),
}  # fmt: skip


def _spoiled(args: tuple[str, ...]) -> Iterator[list[str]]:
    """The arguments with something wrong."""
    given = list(args)
    for k, argument in enumerate(given):
        for wrong in WRONG:
            yield [*given[:k], wrong, *given[k + 1 :]]
        if argument.startswith("t("):
            rest = argument[5:]
            for letter in DTYPES:
                yield [*given[:k], f"t('{letter}'{rest}", *given[k + 1 :]]
            for shape in SHAPES:
                yield [*given[:k], f"t({', '.join([argument[2:5], *map(str, shape)])})", *given[k + 1 :]]
        yield given[:k]
    for letter in DTYPES:
        yield [f"t('{letter}'{argument[5:]}" if argument.startswith("t(") else argument for argument in given]
    for more in ("1", X, "foo=1", "dim=0", "out=3", "dtype=3", f"input={X}", "1, 1, 1, 1, 1, 1, 1"):
        yield [*given, more]


def calls(name: str) -> list[str]:
    """Every spoiled call of a name: of the function, of the method, and of the method that writes."""
    args = CALLS[name]
    owner, _, last = name.rpartition(".")
    function = name if owner == "F" else f"torch.{name}"
    made = [f"{function}({', '.join(given)})" for given in _spoiled(args)] if not last.endswith("_") else []
    if not owner and args[0].startswith("t("):
        made += [f"{args[0]}.{name}({', '.join(given)})" for given in _spoiled(args[1:])]
        made += [f"{given[0]}.{name}({', '.join(given[1:])})" for given in _spoiled(args) if given and given[0].startswith("t('")]
    return list(dict.fromkeys(made))


def scope(torch: Any) -> dict[str, Any]:
    """The names that the calls use, with `torch` as PyTorch."""

    def t(letter: str, *shape: int) -> Any:
        numbers: Any = np.arange(int(np.prod(shape))) % 2
        numbers = numbers if letter in "libu" else numbers * 0.5 + 0.25
        return torch.from_numpy(np.ascontiguousarray(numbers.astype(DTYPES[letter]))).reshape(shape).clone()

    return {"torch": torch, "F": torch.nn.functional, "t": t, "ARRAY": np.ones(2, np.float32)}


def outcome(torch: Any, call: str) -> list[str] | None:
    """The error's type and the first line of its words; None where the call is taken."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            eval(call, scope(torch))
        except Exception as error:
            return [type(error).__name__, str(error).split("\n")[0]]
    return None
