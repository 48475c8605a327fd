import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(4, 3) * 100
for step in range(3):
    opt.zero_grad()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    loss = (model(x) - 1).pow(2).mean()
    loss.backward()
    opt.step()
print(loss)
