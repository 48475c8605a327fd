import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(15)


class MixtureOfExperts(nn.Module):
    def __init__(self, dim, experts):
        super().__init__()
        self.router = nn.Linear(dim, experts)
        self.experts = nn.ModuleList([nn.Linear(dim, dim) for _ in range(experts)])

    def forward(self, x):
        gates = F.softmax(self.router(x), dim=-1)
        chosen = gates.argmax(dim=-1)
        out = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            rows = chosen == number
            if rows.any():
                out[rows] = expert(x[rows])
        return out


model = nn.Sequential(MixtureOfExperts(6, 3), nn.ReLU(), nn.Linear(6, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.randn(60, 6)
y = (x[:, 0] * x[:, 1] > 0).long()
for epoch in range(6):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
