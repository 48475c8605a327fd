import torch
import torch.nn.functional as F


def net(p, x):
    return F.linear(torch.tanh(F.linear(x, p["w1"], p["b1"])), p["w2"], p["b2"])


torch.manual_seed(20)
params = {
    "w1": (torch.randn(16, 1) * 0.8).requires_grad_(),
    "b1": torch.zeros(16, requires_grad=True),
    "w2": (torch.randn(1, 16) * 0.25).requires_grad_(),
    "b2": torch.zeros(1, requires_grad=True),
}
meta = torch.optim.Adam(params.values(), lr=5e-3)
for it in range(8):
    meta_loss = 0.0
    for task in range(3):
        phase = torch.rand(1) * 3
        x = torch.rand(10, 1) * 6 - 3
        y = torch.sin(x + phase)
        fast = params
        for _ in range(2):
            inner = F.mse_loss(net(fast, x[:5]), y[:5])
            grads = torch.autograd.grad(inner, list(fast.values()), create_graph=True)
            fast = {k: v - 0.05 * g for (k, v), g in zip(fast.items(), grads)}
        meta_loss = meta_loss + F.mse_loss(net(fast, x[5:]), y[5:])
    meta_loss = meta_loss / 3
    meta.zero_grad()
    meta_loss.backward()
    meta.step()
    print(it, meta_loss.item())
