import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Normal


class ThreeHeads(nn.Module):
    """Counts, a number with its uncertainty, and several tags, of one trunk."""

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(4, 24), nn.ReLU())
        self.count, self.mean, self.spread, self.tags = nn.Linear(24, 1), nn.Linear(24, 1), nn.Linear(24, 1), nn.Linear(24, 5)

    def forward(self, x):
        h = self.trunk(x)
        normal = Normal(self.mean(h).squeeze(1), F.softplus(self.spread(h)).squeeze(1) + 1e-3)
        return self.count(h).squeeze(1), normal, self.tags(h)


torch.manual_seed(0)
x = torch.randn(80, 4)
counts = torch.poisson(torch.exp(0.5 * x[:, 0] + 1.0))
values = x[:, 1] * 2 + 0.2 * torch.randn(80)
tags = (torch.rand(80, 5) < torch.sigmoid(x[:, 2:3])).float()
model = ThreeHeads()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(3):
    for part in torch.randperm(80).split(20):
        log_rate, normal, logits = model(x[part])
        loss = F.poisson_nll_loss(log_rate, counts[part])
        loss = loss - normal.log_prob(values[part]).mean()
        loss = loss + F.binary_cross_entropy_with_logits(logits, tags[part], pos_weight=torch.full((5,), 2.0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        hits = ((model(x)[2] > 0).float() == tags).float().mean()
    print(epoch, loss.item(), hits.item())
