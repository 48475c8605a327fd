import torch
import torch.nn as nn
import torch.nn.functional as F


def nt_xent(z1, z2, tau=0.5):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    n = len(z1)
    sim = z @ z.t() / tau
    targets = torch.cat([torch.arange(n) + n, torch.arange(n)])
    return F.cross_entropy(sim, targets)


class SimCLR(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 16))
        self.g = nn.Linear(16, 8)

    def forward(self, x):
        return self.g(F.relu(self.f(x)))


torch.manual_seed(0)
model = SimCLR()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
data = torch.randn(64, 10)
for epoch in range(3):
    for batch in data[torch.randperm(64)].split(16):
        a, b = batch + 0.1 * torch.randn_like(batch), batch + 0.1 * torch.randn_like(batch)
        loss = nt_xent(model(a), model(b))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
