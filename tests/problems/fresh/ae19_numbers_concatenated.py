import torch
from torch import nn

torch.manual_seed(19)
heads = nn.ModuleList([nn.Linear(6, 1) for _ in range(3)])
x, ys = torch.randn(20, 6), torch.randn(3, 20)
opt = torch.optim.SGD(heads.parameters(), lr=0.05)
for epoch in range(4):
    losses = []
    for head, y in zip(heads, ys):
        losses.append(nn.functional.mse_loss(head(x).squeeze(1), y))
    loss = torch.cat(losses).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
