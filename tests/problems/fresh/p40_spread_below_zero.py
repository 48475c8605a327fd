import torch
from torch import nn
from torch.distributions import Normal


class Probabilistic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, 24), nn.Tanh())
        self.mean = nn.Linear(24, 1)
        self.spread = nn.Linear(24, 1)

    def forward(self, x):
        h = self.body(x)
        return self.mean(h), self.spread(h)


def nll(mean, spread, target):
    return -Normal(mean, spread).log_prob(target).mean()


torch.manual_seed(0)
x = torch.linspace(-2, 2, 60).unsqueeze(1)
y = torch.sin(2 * x) + 0.1 * (1 + x.abs()) * torch.randn(60, 1)
model = Probabilistic()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    for part in torch.randperm(60).split(20):
        mean, spread = model(x[part])
        loss = nll(mean, spread, y[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
