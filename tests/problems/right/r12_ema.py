import copy
import torch

torch.manual_seed(10)
net = torch.nn.Linear(3, 1)
ema = copy.deepcopy(net)
for p in ema.parameters():
    p.requires_grad_(False)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
target = torch.tensor([[1.0, -1.0, 2.0]])
for _ in range(10):
    x = torch.randn(8, 3)
    opt.zero_grad()
    (net(x) - x @ target.T).pow(2).mean().backward()
    opt.step()
    with torch.no_grad():
        for p, q in zip(net.parameters(), ema.parameters()):
            q.mul_(0.9).add_(p, alpha=0.1)
print((ema.weight - net.weight).norm().item())
