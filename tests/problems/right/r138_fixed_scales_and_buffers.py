# a buffer that is a constant, a schedule of noise in buffers, and weights that are drawn once
import torch
from torch import nn


class Noise(nn.Module):
    def __init__(self, steps=20):
        super().__init__()
        betas = torch.linspace(1e-4, 0.2, steps)
        self.register_buffer("alpha_bar", torch.cumprod(1 - betas, 0))
        self.register_buffer("scale", torch.tensor(2.0))
        self.net = nn.Sequential(nn.Linear(5, 32), nn.SiLU(), nn.Linear(32, 4))
        self.apply(self.start)

    @staticmethod
    def start(m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)

    def forward(self, x):
        t = torch.randint(0, len(self.alpha_bar), (len(x),))
        a = self.alpha_bar[t].unsqueeze(1)
        eps = torch.randn_like(x)
        noisy = a.sqrt() * x / self.scale + (1 - a).sqrt() * eps
        guess = self.net(torch.cat([noisy, t.unsqueeze(1) / len(self.alpha_bar)], 1))
        return (guess - eps).square().mean()


torch.manual_seed(0)
model = Noise()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
data = torch.randn(64, 4) * 2
for step in range(10):
    loss = model(data)
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
