import torch
from torch import nn

torch.manual_seed(0)
layers = [nn.Linear(4, 4)] * 3
model = nn.Sequential(*layers, nn.Linear(4, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(16, 4)
y = x[:, :1]
for epoch in range(4):
    opt.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    opt.step()
print(sum(p.numel() for p in model.parameters()))
