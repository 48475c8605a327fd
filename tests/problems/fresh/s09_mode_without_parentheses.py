import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
optim = torch.optim.SGD(model.parameters(), lr=0.1)
train_x, val_x = torch.randn(20, 3), torch.randn(10, 3)
f = lambda x: x.sum(dim=1, keepdim=True)
for epoch in range(3):
    optim.zero_grad()
    nn.functional.mse_loss(model(train_x), f(train_x)).backward()
    optim.step()
    with torch.no_grad:
        print(epoch, nn.functional.mse_loss(model(val_x), f(val_x)).item())
