import torch
from torch import nn

torch.manual_seed(4)
net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
for p in net.parameters():
    p.register_hook(lambda g: g.clamp(-0.5, 0.5))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
x, y = torch.randn(20, 5), torch.randint(0, 3, (20,))
for _ in range(5):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    opt.step()
heat = torch.zeros(5)
for k in range(4):
    picture = x[k : k + 1].clone().requires_grad_()
    hidden = net[0](picture)
    hidden.register_hook(lambda g: g.clamp(min=0))
    net[2](torch.relu(hidden))[0, y[k]].backward()
    heat += picture.grad[0].abs()
print(heat)


def first_positive(values):
    for value in values:
        if value > 0:
            return value
    return None


bias = (net(x).softmax(1)[:, 0] - 0.3).mean().abs()
balance = (net(x).mean(0) - torch.tensor([0.1, 0.2, 0.3])).pow(2).sum()
(bias + balance).backward()
print(first_positive([-1, 2, 3]), net[0].weight.grad.norm())
