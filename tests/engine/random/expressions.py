"""Calls that draw random numbers: tools/random_goldens.py stores what PyTorch draws, the tests draw the same."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

SEEDS = (1, 2, 3)

EXPRESSIONS = """
torch.randint(3, (5,), dtype=torch.float32)
torch.randint(0, 10, (5,), dtype=torch.int32)
torch.randint(0, 256, (20,), dtype=torch.uint8)
torch.randint(10, size=(4,))
torch.randint(low=2, high=9, size=(4,))
torch.randint(-5, 2**40, (4,))
torch.randint_like(torch.zeros(3, 4), 10)
torch.randint_like(torch.zeros(3, 4), 2, 10)
torch.rand(3, dtype=torch.float16)
torch.randn(3, dtype=torch.float64)
torch.rand(2, 3, dtype=torch.complex64)
torch.randn(2, 3, dtype=torch.complex64)
torch.randn(20, dtype=torch.complex128)
torch.rand_like(torch.zeros(3, dtype=torch.float64))
torch.randn_like(torch.zeros(3, 4), dtype=torch.float64)
torch.rand(size=(2, 2))
torch.randn(20000)
torch.randn(2, 2, generator=torch.Generator().manual_seed(3))
torch.randperm(6, generator=torch.Generator().manual_seed(3))
torch.randperm(5, dtype=torch.int32)
torch.empty(5).random_()
torch.empty(5).random_(10)
torch.empty(5).random_(3, 10)
torch.empty(5, dtype=torch.int64).random_()
torch.empty(5, dtype=torch.int32).random_()
torch.empty(5, dtype=torch.uint8).random_()
torch.empty(5, dtype=torch.int8).random_()
torch.empty(5, dtype=torch.bool).random_()
torch.empty(5, dtype=torch.float64).random_()
torch.empty(5, dtype=torch.int64).random_(2**40)
torch.empty(50).geometric_(0.3)
torch.empty(50, dtype=torch.int64).geometric_(0.3)
torch.empty(50).cauchy_(1., 2.)
torch.empty(50, dtype=torch.float64).cauchy_()
torch.empty(5).log_normal_()
torch.empty(50, dtype=torch.float64).log_normal_(0.5, 0.3)
torch.empty(50).exponential_(2.5)
torch.empty(50, dtype=torch.float64).exponential_()
torch.poisson(torch.arange(0., 30.))
torch.poisson(torch.full((400,), 123.5))
torch.poisson(torch.full((40,), 3.5, dtype=torch.float64))
torch._standard_gamma(torch.arange(0.1, 10., 0.3))
torch._standard_gamma(torch.arange(0.1, 10., 0.3, dtype=torch.float64))
torch._sample_dirichlet(torch.tensor([[1., 2., .5], [.3, .3, .3]]))
torch.binomial(torch.full((30,), 10.), torch.full((30,), .3))
torch.binomial(torch.full((30,), 100.), torch.full((30,), .7))
torch.normal(1., 2., size=(20,))
torch.normal(torch.zeros(20), 1.5)
torch.normal(2., torch.arange(1., 20.))
torch.normal(torch.zeros(3, 1), torch.ones(1, 4))
torch.bernoulli(torch.full((20,), .3))
torch.bernoulli(torch.full((20,), .3, dtype=torch.float64))
torch.bernoulli(torch.zeros(20), 0.3)
torch.empty(20).bernoulli_(torch.full((20,), .3))
torch.empty(20).bernoulli_(torch.full((20,), .3, dtype=torch.float64))
torch.empty(20, dtype=torch.int64).bernoulli_(0.5)
torch.multinomial(torch.tensor([.1, .2, .7]), 2)
torch.multinomial(torch.tensor([[.1, .2, .7], [3., 1., 1.]]), 8, replacement=True)
torch.multinomial(torch.tensor([.1, .2, .7], dtype=torch.float64), 3)
torch.multinomial(torch.rand(1000), 500, True)
torch.multinomial(torch.rand(1000), 700)
torch.zeros(4, 5).t().normal_()
torch.zeros(4, 5).t().uniform_()
torch.zeros(40, 5)[:, ::2].normal_()
torch.zeros(40, 5).t().exponential_()
torch.zeros(10, 4).t().bernoulli_(0.5)
torch.zeros(10, 4).t().random_(100)
torch.nn.functional.dropout(torch.ones(4, 5).t(), 0.5)
torch.rand(400, dtype=torch.bfloat16).float()
torch.rand(3000, dtype=torch.float16)
torch.empty(30000, dtype=torch.float16).exponential_(0.93)
torch.empty(30000, dtype=torch.float16).log_normal_(0.5, 0.9)
torch.multinomial(torch.linspace(0.1, 1, 40000), 200, replacement=True)
torch.empty(400, dtype=torch.bfloat16).uniform_(-1.37, 2.21).float()
torch.empty(3000, dtype=torch.float16).uniform_(-1.37, 2.21)
torch.bernoulli(torch.linspace(0, 1, 900, dtype=torch.bfloat16)).float()
torch.normal(torch.linspace(-1, 1, 12), 0.37)
torch.zeros(10, 4).t().bernoulli_(torch.linspace(0, 1, 40).reshape(4, 10))
torch.nn.functional.dropout(torch.ones(20, dtype=torch.float16), 0.26)
torch.nn.functional.alpha_dropout(torch.ones(20, dtype=torch.float16), 0.26, True)
torch.nn.functional.rrelu(torch.linspace(-1, 1, 50), 0.13, 0.71, training=True)
torch.nn.init.uniform_(torch.zeros(4, 5, dtype=torch.complex64), -1.0, 2.0)
torch.nn.init.normal_(torch.zeros(4, 5, dtype=torch.complex64), 1.0, 2.0)
torch.nn.functional.dropout2d(torch.ones(2, 5, 3, 3), 0.5)
torch.rand_like(torch.ones(4, 5).t())
torch.randn_like(torch.ones(8, 5).t())
torch.nn.init.trunc_normal_(torch.empty(40), mean=3., std=.5, a=2., b=4.)
torch.nn.init.trunc_normal_(torch.empty(40), mean=0., std=1., a=2., b=4.)
""".strip().splitlines()


def digest(array: Any) -> str:
    """dtype, shape and bytes of a result."""
    a = np.ascontiguousarray(array)
    return f"{a.dtype} {list(a.shape)} {hashlib.sha256(a.tobytes()).hexdigest()[:32]}"


def draw(torch: Any, expression: str, seed: int) -> list[str]:
    """The result, and what the stream gives after it (with the spare normal)."""
    torch.manual_seed(seed)
    result = eval(expression, {"torch": torch})  # the lines above, no other text
    return [digest(result.detach().numpy()), digest(torch.rand(1).numpy()), digest(torch.randn(1).numpy())]
