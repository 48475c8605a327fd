import torch
from torch import nn

torch.manual_seed(9)
X = torch.linspace(-1, 1, 50).unsqueeze(1)
Y = X**2
model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
losses = torch.zeros(20)
for epoch in range(20):
    opt.zero_grad()
    losses[epoch] = nn.functional.mse_loss(model(X), Y)
    losses.sum().backward(retain_graph=True)
    opt.step()
