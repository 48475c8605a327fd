import torch
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.softmax = nn.Softmax()

    def forward(self, x):
        scores = self.q(x) @ self.k(x).transpose(1, 2) / x.size(-1) ** 0.5
        return x + self.softmax(scores) @ self.v(x)


torch.manual_seed(10)
body, head = SelfAttention(), nn.Linear(8, 1)
x = torch.randn(24, 5, 8)
y = x[:, 0, :2].sum(1)
opt = torch.optim.Adam([*body.parameters(), *head.parameters()], lr=0.01)
for epoch in range(8):
    for i in range(0, 24, 12):
        pred = head(body(x[i : i + 12]).mean(1)).squeeze(1)
        loss = nn.functional.mse_loss(pred, y[i : i + 12])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
