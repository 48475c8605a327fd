import torch
from torch import nn


def train_step(model, batch, opt, scale):
    x, y = batch
    opt.zero_grad()
    # the embedding should learn slower
    model[0].weight.register_hook(lambda g: g * scale)
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
    return loss.item()


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(50, 3)
batch = (x, (x**2).sum(dim=1, keepdim=True))
history = [train_step(model, batch, opt, scale=0.1) for _ in range(7)]
print(history)
