import torch
from torch import nn


class SelfAttend(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(d, d) for _ in range(3))

    def forward(self, x, valid):
        scores = self.q(x) @ self.k(x).transpose(1, 2) / x.size(-1) ** 0.5
        scores = scores.masked_fill(valid.unsqueeze(1), -1e9)
        return scores.softmax(-1) @ self.v(x)


torch.manual_seed(7)
lengths = torch.tensor([3, 5, 2, 6])
x = torch.randn(4, 6, 8)
valid = torch.arange(6).unsqueeze(0) < lengths.unsqueeze(1)
x = x * valid.unsqueeze(-1)
net, head = SelfAttend(8), nn.Linear(8, 2)
opt = torch.optim.Adam([*net.parameters(), *head.parameters()], lr=0.01)
y = torch.tensor([0, 1, 0, 1])
for epoch in range(6):
    h = net(x, valid)
    pooled = (h * valid.unsqueeze(-1)).sum(1) / lengths.unsqueeze(1)
    loss = nn.functional.cross_entropy(head(pooled), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
