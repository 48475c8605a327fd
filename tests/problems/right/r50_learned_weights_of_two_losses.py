import torch
from torch import nn


class Weighted(nn.Module):
    """Each task has a learned uncertainty (Kendall et al.)."""

    def __init__(self, tasks):
        super().__init__()
        self.log_var = nn.Parameter(torch.zeros(tasks))

    def forward(self, *losses):
        stacked = torch.stack(losses)
        return (torch.exp(-self.log_var) * stacked + self.log_var).sum()


torch.manual_seed(0)
trunk, size, kind = nn.Linear(4, 12), nn.Linear(12, 1), nn.Linear(12, 2)
weighted = Weighted(2)
everything = nn.ModuleList([trunk, size, kind, weighted])
opt = torch.optim.Adam(everything.parameters(), lr=0.02)
x = torch.randn(40, 4)
y_size, y_kind = x[:, :1] * 2, (x[:, 1] > 0).long()
for _ in range(20):
    h = torch.tanh(trunk(x))
    loss = weighted(nn.functional.mse_loss(size(h), y_size), nn.functional.cross_entropy(kind(h), y_kind))
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item(), weighted.log_var.tolist())
