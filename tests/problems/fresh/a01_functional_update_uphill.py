import torch
from torch.func import functional_call, grad

torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
params = {name: p.detach() for name, p in net.named_parameters()}
x, y = torch.randn(20, 4), torch.randn(20, 1)


def objective(params, x, y):
    return ((functional_call(net, params, (x,)) - y) ** 2).mean()


slope = grad(objective)
for it in range(12):
    g = slope(params, x, y)
    params = {name: p + 0.1 * g[name] for name, p in params.items()}
    print(it, round(objective(params, x, y).item(), 2))
