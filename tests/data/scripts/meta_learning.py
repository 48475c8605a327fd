"""MAML on sine waves: inner loop with create_graph, outer loop with Adam."""

import math
import torch
from torch import nn
from torch.func import functional_call, grad, vmap

torch.manual_seed(0)


def sample_task(g):
    amp = 0.1 + 4.9 * torch.rand((), generator=g)
    phase = math.pi * torch.rand((), generator=g)
    return lambda x: amp * torch.sin(x + phase)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential()
        self.net.add_module("l1", nn.Linear(1, 20))
        self.net.add_module("a1", nn.ReLU())
        self.net.add_module("l2", nn.Linear(20, 20))
        self.net.add_module("a2", nn.ReLU())
        self.net.add_module("l3", nn.Linear(20, 1))

    def forward(self, x):
        return self.net(x)

    def argforward(self, x, w):
        x = nn.functional.linear(x, w[0], w[1]).relu()
        x = nn.functional.linear(x, w[2], w[3]).relu()
        return nn.functional.linear(x, w[4], w[5])


class MAML:
    def __init__(self, model, inner_lr=0.01, meta_lr=1e-3, K=10):
        self.model, self.inner_lr, self.K = model, inner_lr, K
        self.weights = list(model.parameters())
        self.criterion = nn.MSELoss()
        self.meta = torch.optim.Adam(self.weights, meta_lr)
        self.g = torch.Generator().manual_seed(11)

    def inner(self, f):
        temp = [w.clone() for w in self.weights]
        X = torch.rand(self.K, 1, generator=self.g) * 10 - 5
        for _ in range(2):
            loss = self.criterion(self.model.argforward(X, temp), f(X)) / self.K
            g = torch.autograd.grad(loss, temp, create_graph=True)
            temp = [w - self.inner_lr * gi for w, gi in zip(temp, g)]
        X = torch.rand(self.K, 1, generator=self.g) * 10 - 5
        return self.criterion(self.model.argforward(X, temp), f(X)) / self.K

    def outer(self, n=5, tasks=3):
        for e in range(n):
            meta = sum(self.inner(sample_task(self.g)) for _ in range(tasks))
            mg = torch.autograd.grad(meta, self.weights)
            for w, g in zip(self.weights, mg):
                w.grad = g
            self.meta.step()
            print(f"{e + 1}/{n}. loss: {meta.item() / tasks:.5f}")


m = MAML(Model())
m.outer()
print(m.model)
print(m.weights[5], m.weights[5].grad)

# the same with torch.func
params = {k: v.detach() for k, v in m.model.named_parameters()}


def loss_fn(p, x, y):
    return nn.functional.mse_loss(functional_call(m.model, p, (x,)), y)


def inner(p, x, y, lr=0.01):
    g = grad(loss_fn)(p, x, y)
    return {k: p[k] - lr * g[k] for k in p}


def outer(p, xs, ys, xq, yq):
    return vmap(lambda a, b, c, d: loss_fn(inner(p, a, b), c, d))(xs, ys, xq, yq).mean()


x = torch.linspace(-1, 1, 2 * 5).reshape(2, 5, 1)
g = grad(outer)(params, x, x.sin(), x + 1, (x + 1).sin())
for k, v in g.items():
    print(k, tuple(v.shape), round(v.norm().item(), 5))

# first-order: detached gradient
w = torch.tensor([1.0, 2.0], requires_grad=True)


def f(w):
    return (w**3).sum()


for first_order in (False, True):
    (gi,) = torch.autograd.grad(f(w), w, create_graph=not first_order)
    w2 = w - 0.1 * gi
    print(torch.autograd.grad(f(w2), w)[0], w2.grad_fn.name())
# Reptile
with torch.no_grad():
    for p, q in zip(m.model.parameters(), params.values()):
        p.lerp_(q + 0.1, 0.5)
print(m.model.net.l3.bias)
(g1,) = torch.autograd.grad(f(w), w)
try:
    torch.autograd.grad(g1.sum(), w)
except RuntimeError as e:
    print(e)
try:
    torch.autograd.grad(f(w), [w, torch.ones(1, requires_grad=True)])
except RuntimeError as e:
    print(e)
print(torch.autograd.grad(f(w), [w, torch.ones(1, requires_grad=True)], allow_unused=True))
print(torch.autograd.grad(f(w), [torch.ones(1, requires_grad=True)], materialize_grads=True))
