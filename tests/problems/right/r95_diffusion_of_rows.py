import torch
from torch import nn

T, DIM = 20, 16
betas = torch.linspace(1e-3, 0.2, T)
alpha_bar = torch.cumprod(1 - betas, dim=0)


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Embedding(T, 32)
        self.inp = nn.Linear(DIM, 32)
        self.out = nn.Sequential(nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, DIM))

    def forward(self, x, t):
        return self.out(self.inp(x) + self.time(t))


def extract(table, t, like):
    return table[t].view(-1, *[1] * (like.dim() - 1))


torch.manual_seed(0)
data = torch.randn(64, DIM) * 0.2 + torch.linspace(-1, 1, DIM)
scale = 1 + data.std(0)
model = Denoiser()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for step in range(5):
    x0 = data[torch.randint(0, 64, (16,))] / scale
    t = torch.randint(0, T, (16,))
    noise = torch.randn_like(x0)
    a = extract(alpha_bar, t, x0)
    noisy = a.sqrt() * x0 + (1 - a).sqrt() * noise
    loss = (model(noisy, t) - noise).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    x = torch.randn(4, DIM)
    for k in reversed(range(T)):
        t = torch.full((4,), k)
        eps = model(x, t)
        x = (x - betas[k] / (1 - alpha_bar[k]).sqrt() * eps) / (1 - betas[k]).sqrt()
        if k > 0:
            x = x + betas[k].sqrt() * torch.randn_like(x)
print(x.mean().item())
