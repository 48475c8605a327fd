import torch
import torch.nn.functional as F
from torch import nn


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Linear(6, 12)
        self.kind = nn.Linear(12, 3)
        self.size = nn.Linear(12, 1)

    def forward(self, x):
        h = torch.relu(self.trunk(x))
        return self.kind(h), self.size(h)


torch.manual_seed(20)
net = TwoHeads()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x, kinds, sizes = torch.randn(24, 6), torch.randint(0, 3, (24,)), torch.rand(24, 1)
for epoch in range(6):
    out_kind, out_size = net(x)
    loss_kind = F.cross_entropy(out_kind, kinds)
    loss_size = F.mse_loss(out_size, sizes)
    loss = loss_kind + 0.5 * loss_kind
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(f"{loss_kind.item():.3f} {loss_size.item():.3f}")
