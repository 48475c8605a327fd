import torch
import torch.nn.functional as F
from torch import nn


class VectorQuantizer(nn.Module):
    def __init__(self, codes, dim):
        super().__init__()
        self.codebook = nn.Embedding(codes, dim)
        nn.init.uniform_(self.codebook.weight, -1.0, 1.0)

    def forward(self, z):
        nearest = torch.cdist(z, self.codebook.weight).argmin(dim=1)
        q = self.codebook(nearest)
        loss = F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())
        return z + (q - z).detach(), loss


class VQVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 4))
        self.quantizer = VectorQuantizer(8, 4)
        self.decoder = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 12))

    def forward(self, x):
        q, loss = self.quantizer(self.encoder(x))
        return self.decoder(q), loss


torch.manual_seed(0)
data = torch.randn(4, 12)[torch.randint(0, 4, (64,))] + 0.1 * torch.randn(64, 12)
model = VQVAE()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(3):
    for batch in data.split(16):
        recon, vq_loss = model(batch)
        loss = F.mse_loss(recon, batch) + vq_loss
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
