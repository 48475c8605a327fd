import math

import torch
from torch import nn
import torch.nn.functional as F


class Noisy(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.mu, self.spread = nn.Parameter(torch.randn(b, a) / a**0.5), nn.Parameter(torch.full((b, a), -3.0))

    def forward(self, x):
        weight = self.mu + self.spread.exp() * torch.randn(self.mu.size(1))
        return x @ weight.t()


class Head(nn.Module):
    def __init__(self, d=8, k=16):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(d, k), nn.Linear(d, k), nn.Linear(d, d)
        self.mu, self.logvar = nn.Linear(d, 3), nn.Linear(d, 3)
        self.out = Noisy(3, 1)

    def forward(self, x):
        scores = self.q(x) @ self.k(x).transpose(-2, -1) / math.sqrt(self.q.out_features)
        weights = F.dropout(scores.softmax(-1), 0.25, self.training)
        h = (weights @ self.v(x)).mean(1)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.exp(0.5 * logvar) * torch.randn(mu.shape)
        return self.out(z).squeeze(1), -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()


torch.manual_seed(193)
x = torch.randn(24, 6, 8)
y = x.max(1).values[:, :2].sum(1)
head = Head()
opt = torch.optim.Adam(head.parameters(), lr=0.01)
for epoch in range(6):
    for rows in torch.randperm(24).split(8):
        pred, kl = head(x[rows])
        loss = F.mse_loss(pred, y[rows]) + 1e-3 * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
