import torch
from torch import nn

torch.manual_seed(0)
trunk = nn.Sequential(nn.Linear(12, 32), nn.ReLU())
heads = nn.ModuleList([nn.Linear(32, 1), nn.Linear(32, 1)])
params = [*trunk.parameters(), *heads.parameters()]
opt = torch.optim.SGD(params, lr=0.05)
x = torch.randn(64, 12) * 3
targets = [x[:, :1] * 4, x[:, 1:2] * 4]
for step in range(6):
    opt.zero_grad()
    for head, y in zip(heads, targets):
        loss = nn.functional.mse_loss(head(trunk(x)), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, max_norm=0.5)
    opt.step()
