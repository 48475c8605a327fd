import torch
from torch import nn

torch.manual_seed(185)
x = torch.randn(64, 8)
y = x[:, :1] * 2
for dtype, rate in ((torch.float16, 0.05), (torch.bfloat16, 0.1)):
    model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1)).to(dtype)
    master = [p.detach().float().clone() for p in model.parameters()]
    for step in range(12):
        loss = (model(x.to(dtype)).float() - y).pow(2).mean()
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p, kept in zip(model.parameters(), master):
                kept -= rate * p.grad.float()
                p.copy_(kept)
    print(dtype, loss.item())
