import torch
from torch import nn


class Trainer:
    def __init__(self):
        self.model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
        self.optim = torch.optim.Adam(self.model.parameters(), lr=1e-2)
        self.sched = torch.optim.lr_scheduler.ExponentialLR(self.optim, gamma=0.9)

    def fit(self, x, y, epochs):
        for epoch in range(epochs):
            logits = self.model(x)
            loss = nn.functional.cross_entropy(logits, y)
            self.optim.zero_grad()
            loss.backward()
            self.optim.step()
            accuracy = (logits.argmax(1) == y).float().mean().item()
            self.sched.step(accuracy)


torch.manual_seed(0)
x = torch.randn(80, 4)
Trainer().fit(x, (x[:, 0] > x[:, 1]).long(), 10)
