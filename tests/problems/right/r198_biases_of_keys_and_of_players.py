import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.key, self.query, self.value = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        for layer in (self.key, self.query, self.value):
            layer.weight.data.normal_(0, 0.02)
            layer.bias.data.zero_()

    def forward(self, x):
        k, q, v = self.key(x), self.query(x), self.value(x)
        return torch.softmax(q @ k.transpose(1, 2) / math.sqrt(8), -1) @ v


x, y = torch.randn(6, 5, 8), torch.randn(6, 5, 8)
model = Attention()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / 20)))
for _ in range(12):
    loss = F.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()

maker, judge = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2)), nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
making, judging = torch.optim.Adam(maker.parameters(), lr=0.0003), torch.optim.Adam(judge.parameters(), lr=0.06)
real, noise = torch.randn(32, 2) + 3, torch.randn(32, 2)
for _ in range(12):
    made = maker(noise)
    judged = F.relu(1 - judge(real)).mean() + F.relu(1 + judge(made.detach())).mean()
    judging.zero_grad()
    judged.backward()
    judging.step()
    fooled = F.softplus(-judge(made)).mean()
    making.zero_grad()
    fooled.backward()
    making.step()
print(f"{loss:.4f} {judged:.3f} {fooled:.3f}")
