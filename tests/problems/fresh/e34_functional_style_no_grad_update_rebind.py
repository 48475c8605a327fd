import torch

torch.manual_seed(21)
params = {"w": torch.randn(3, 1, requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
x, y = torch.randn(12, 3), torch.randn(12, 1)


def model(p, x):
    return x @ p["w"] + p["b"]


for step in range(3):
    loss = (model(params, x) - y).square().mean()
    loss.backward()
    with torch.no_grad():
        for name, p in params.items():
            params[name] = p - 0.1 * p.grad
