# checks and comparisons that are right: exact equality of floats, no equality at all, all alike on purpose
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(40, 6)
y = (x.sum(1) > 0).float()
net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
before = [p.detach().clone() for p in net.parameters()]
for epoch in range(4):
    out = net(x).squeeze(1)
    loss = nn.functional.binary_cross_entropy_with_logits(out, y)
    opt.zero_grad(set_to_none=False)
    loss.backward()
    opt.step()
moved = sum((a == b).sum().item() for a, b in zip(before, net.parameters()))
print("unmoved", moved, "predicted", (torch.sigmoid(net(x)).round().squeeze(1) == y).float().mean().item())
opt.zero_grad(set_to_none=False)
print(max(p.grad.abs().max().item() for p in net.parameters()))
