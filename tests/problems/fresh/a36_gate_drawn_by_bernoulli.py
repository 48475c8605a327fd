import torch
from torch import nn


class Gated(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.gate_logits = nn.Parameter(torch.zeros(n))
        self.fc = nn.Linear(n, 1)

    def forward(self, x):
        keep = torch.bernoulli(torch.sigmoid(self.gate_logits))
        return self.fc(x * keep)


torch.manual_seed(34)
model = Gated(6)
opt = torch.optim.Adam(model.parameters(), lr=0.05)
x = torch.randn(50, 6)
y = x[:, :2].sum(1, keepdim=True)
for step in range(10):
    loss = (model(x) - y).pow(2).mean() + 0.01 * torch.sigmoid(model.gate_logits.detach()).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(torch.sigmoid(model.gate_logits))
