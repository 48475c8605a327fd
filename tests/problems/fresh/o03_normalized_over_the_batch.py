import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


def info_nce(a, b, temperature=0.1):
    a = F.normalize(a, dim=0)
    b = F.normalize(b, dim=0)
    logits = a @ b.T / temperature
    labels = torch.arange(len(a))
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2


image_encoder = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 8))
text_encoder = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 8))
params = [*image_encoder.parameters(), *text_encoder.parameters()]
opt = torch.optim.Adam(params, lr=1e-3)
mixing = torch.randn(6, 12)
for step in range(8):
    text = torch.randn(24, 6)
    image = text @ mixing + 0.1 * torch.randn(24, 12)
    loss = info_nce(image_encoder(image), text_encoder(text))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
