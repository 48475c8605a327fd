import torch
from torch import nn

torch.manual_seed(14)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean, self.log_std = nn.Linear(5, 2), nn.Linear(5, 2)

    def forward(self, x):
        m, s = self.mean(x), self.log_std(x).exp()
        noise = torch.empty(1, 2).normal_()
        return m + s * noise, m, s


enc, dec = Encoder(), nn.Linear(2, 5)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=0.01)
x = torch.randn(32, 5)
for i in range(8):
    z, m, s = enc(x)
    kl = (0.5 * (m**2 + s**2 - 1) - s.log()).sum(1).mean()
    loss = (dec(z) - x).pow(2).sum(1).mean() + kl
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
