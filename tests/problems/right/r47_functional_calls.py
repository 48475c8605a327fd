import torch
from torch import nn
from torch.func import functional_call, grad

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
params = {name: p.detach().clone() for name, p in net.named_parameters()}
x = torch.randn(32, 2)
y = x.prod(dim=1, keepdim=True)


def loss_of(params, x, y):
    return nn.functional.mse_loss(functional_call(net, params, (x,)), y)


slope = grad(loss_of)
for _ in range(10):
    g = slope(params, x, y)
    params = {name: p - 0.1 * g[name] for name, p in params.items()}
print(loss_of(params, x, y).item())
