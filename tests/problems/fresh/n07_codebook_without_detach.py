import torch
from torch import nn
import torch.nn.functional as F


class VectorQuantizer(nn.Module):
    def __init__(self, n_codes, dim):
        super().__init__()
        self.codes = nn.Embedding(n_codes, dim)

    def forward(self, z):
        distance = torch.cdist(z, self.codes.weight)
        nearest = distance.argmin(dim=1)
        quantized = self.codes(nearest)
        codebook_loss = F.mse_loss(quantized, z.detach())
        # straight through: the decoder sees the code, the encoder gets its gradient
        quantized = z + (quantized - z)
        return quantized, codebook_loss


class VQAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(10, 4)
        self.vq = VectorQuantizer(8, 4)
        self.dec = nn.Linear(4, 10)

    def forward(self, x):
        q, extra = self.vq(self.enc(x))
        return self.dec(q), extra


torch.manual_seed(0)
model = VQAE()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.randn(32, 10)
for i in range(6):
    recon, extra = model(x)
    loss = F.mse_loss(recon, x) + extra
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(i, loss.item(), model.enc.weight.grad.abs().max().item())
