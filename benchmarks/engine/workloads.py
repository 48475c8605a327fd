"""The workloads W1 to W7: each a script that runs unchanged under PyTorch and under the engine.

`setup` makes tensors and layers, `step` is one step of training: forward, backward, and where it trains the
optimizer's move. The seed is the same, so both start from the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """A program and how it is asked to compare with PyTorch (greatest ratio of the times; None: not asked)."""

    name: str
    what: str
    setup: str
    step: str
    eager: float
    recorded: float | None
    plan: float
    leaves: str  # an expression for what gets gradients
    two_threads: float | None = None  # the plan, both with two threads
    jit: float | None = None  # the plan over JAX's jit


_TRAIN = """
loss.backward()
opt.step()
opt.zero_grad()
"""

_PARAMETERS = "list(model.parameters())"

_CHAIN = """
t = v
for _ in range({turns}):
    t = t * 1.01
    t = t + 0.1
    t = t.tanh()
    t = t - 0.1
t.sum().backward()
v.grad = None
"""

_BLOCK = """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(64, 4, batch_first=True)
        self.first, self.second = nn.LayerNorm(64), nn.LayerNorm(64)
        self.up, self.down = nn.Linear(64, 256), nn.Linear(256, 64)

    def forward(self, x):
        x = self.first(x + self.attention(x, x, x, need_weights=False)[0])
        return self.second(x + self.down(F.gelu(self.up(x))))
"""

WORKLOADS = (
    Workload(
        "W1", "the lesson's step, 3 elements",
        "x = torch.ones(3, requires_grad=True)",
        "y = x + 2\nz = y * y * 2\nout = z.mean()\nout.backward()\nx.grad = None",
        0.5, 1.0, 0.10, "[x]", jit=1.0,
    ),
    Workload(
        "W2", "MLP 2-16-16-1 tanh, 64 points, SGD",
        "model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))\n"
        "opt = torch.optim.SGD(model.parameters(), lr=0.01)\nX, Y = torch.randn(64, 2), torch.randn(64, 1)",
        "loss = ((model(X) - Y) ** 2).mean()" + _TRAIN,
        0.4, 0.6, 0.15, _PARAMETERS, jit=1.0,
    ),
    Workload(
        "W3", "MLP 784-256-10, batch 128, cross-entropy, SGD",
        "model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))\n"
        "opt = torch.optim.SGD(model.parameters(), lr=0.01)\nX, Y = torch.randn(128, 784), torch.randint(0, 10, (128,))",
        "loss = F.cross_entropy(model(X), Y)" + _TRAIN,
        1.0, 1.2, 0.9, _PARAMETERS,
    ),
    Workload("W4", "1,000 elementwise ops on 8 elements", "v = torch.ones(8, requires_grad=True)", _CHAIN.format(turns=250), 0.5, 1.0, 0.12, "[v]"),
    Workload(
        "W5", "20 elementwise ops on 1,000,000 elements",
        "v = torch.randn(1_000_000, requires_grad=True)", _CHAIN.format(turns=5), 1.5, None, 0.7, "[v]", 0.85, 1.0,
    ),
    Workload(
        "W6", "LeNet, batch 32 of 28x28, SGD",
        "model = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),\n"
        "    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))\n"
        "opt = torch.optim.SGD(model.parameters(), lr=0.01)\nX, Y = torch.randn(32, 1, 28, 28), torch.randint(0, 10, (32,))",
        "loss = F.cross_entropy(model(X), Y)" + _TRAIN,
        1.2, 1.6, 0.8, _PARAMETERS, jit=1.0,
    ),
    Workload(
        "W7", "one transformer block, d 64, 4 heads, seq 32, batch 8",
        _BLOCK + "model = Block()\nopt = torch.optim.SGD(model.parameters(), lr=0.01)\nX = torch.randn(8, 32, 64)",
        "loss = (model(X) ** 2).mean()" + _TRAIN,
        1.2, 1.6, 0.95, _PARAMETERS,
    ),
)  # fmt: skip
