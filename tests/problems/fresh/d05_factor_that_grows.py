import torch
from torch import nn

torch.manual_seed(4)
model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))
opt = torch.optim.SGD(model.parameters(), lr=1e-3)
scheduler = torch.optim.lr_scheduler.LambdaLR(opt, lr_lambda=lambda epoch: 1.95**epoch)
x, y = torch.randn(30, 3), torch.randn(30, 1)
for epoch in range(25):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
    scheduler.step()
    print(epoch, loss.item() < 1e6)
