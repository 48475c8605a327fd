import torch
from torch import nn


class IoULoss(nn.Module):
    def __init__(self, size=16):
        super().__init__()
        ys, xs = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
        self.register_buffer("xs", xs.flatten().float())
        self.register_buffer("ys", ys.flatten().float())

    def score_map(self, box):
        x0, y0, x1, y1 = box.unbind(1)
        inside_x = (self.xs[None] >= x0[:, None]) & (self.xs[None] <= x1[:, None])
        inside_y = (self.ys[None] >= y0[:, None]) & (self.ys[None] <= y1[:, None])
        return (inside_x & inside_y).float()

    def forward(self, pred, gt):
        a, b = self.score_map(pred), self.score_map(gt)
        inter = (a * b).sum(1)
        union = (a + b - a * b).sum(1)
        return 1 - (inter / (union + 1e-6)).mean()


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 4), nn.Sigmoid())
criterion = IoULoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
feats = torch.randn(8, 10)
gt = torch.tensor([[2.0, 2.0, 10.0, 10.0]]).repeat(8, 1)
for it in range(5):
    out = net(feats) * 16
    loss = criterion(out, gt)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
