import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(16)


class LoRALinear(nn.Module):
    def __init__(self, base, rank):
        super().__init__()
        self.base = base
        for p in self.base.parameters():
            p.requires_grad = False
        self.down = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        delta = self.up.data @ self.down.data
        return F.linear(x, self.base.weight + delta, self.base.bias)


backbone = nn.Linear(8, 8)
model = nn.Sequential(LoRALinear(backbone, 2), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
x = torch.randn(64, 8)
y = (x[:, :2].sum(1) > 0).long()
for epoch in range(5):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
