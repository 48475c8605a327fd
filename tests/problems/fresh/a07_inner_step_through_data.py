import torch
import torch.nn.functional as F

torch.manual_seed(6)
meta = [
    torch.randn(1, 16).requires_grad_(),
    torch.zeros(16, requires_grad=True),
    (torch.randn(16, 1) * 0.2).requires_grad_(),
    torch.zeros(1, requires_grad=True),
]
outer = torch.optim.Adam(meta, lr=1e-2)


def net(x, w):
    return torch.tanh(x @ w[0] + w[1]) @ w[2] + w[3]


def task():
    phase = torch.rand(1) * 3
    x = torch.rand(20, 1) * 6 - 3
    return x[:10], torch.sin(x[:10] + phase), x[10:], torch.sin(x[10:] + phase)


for it in range(4):
    losses = []
    for _ in range(3):
        xs, ys, xq, yq = task()
        support = F.mse_loss(net(xs, meta), ys)
        grads = torch.autograd.grad(support, meta, create_graph=True)
        fast = [w.data - 0.05 * g.data for w, g in zip(meta, grads)]
        losses.append(F.mse_loss(net(xq, fast), yq))
    outer.zero_grad()
    torch.stack(losses).mean().backward()
    outer.step()
