import torch
from torch import nn
from torch.distributions import Normal


class Density(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, x):
        mean, log_std = self.net(x).chunk(2, dim=-1)
        return Normal(mean, log_std.exp())


torch.manual_seed(5)
density = Density()
opt = torch.optim.Adam(density.parameters(), lr=0.01)
x = torch.randn(40, 2)
y = x[:, :1] * 2 + 0.1 * torch.randn(40, 1)
for epoch in range(20):
    loss = density(x).log_prob(y).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
