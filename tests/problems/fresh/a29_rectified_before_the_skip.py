import torch
import torch.nn as nn
import torch.nn.functional as F


class PreActivation(nn.Module):
    """He et al. 2016: activation first, and a clean identity path."""

    def __init__(self, width):
        super().__init__()
        self.a = nn.Linear(width, width)
        self.b = nn.Linear(width, width)

    def forward(self, x):
        out = self.a(F.relu(x, inplace=True))
        out = self.b(F.relu(out))
        return x + out


torch.manual_seed(27)
model = nn.Sequential(nn.Linear(5, 8), PreActivation(8), PreActivation(8), nn.Linear(8, 1))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
x = torch.randn(30, 5)
y = x.mean(1, keepdim=True)
for _ in range(6):
    loss = F.mse_loss(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
