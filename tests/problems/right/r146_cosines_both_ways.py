# similarities that are made large, columns that are made different by their squares, and triplets with near negatives
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
enc = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 8))
pred = nn.Linear(8, 8)
opt = torch.optim.Adam([*enc.parameters(), *pred.parameters()], lr=1e-3)
for step in range(6):
    x = torch.randn(32, 6)
    z1, z2 = enc(x + 0.1 * torch.randn_like(x)), enc(x + 0.1 * torch.randn_like(x))
    loss = -0.5 * (F.cosine_similarity(pred(z1), z2.detach(), dim=1).mean() + F.cosine_similarity(pred(z2), z1.detach(), dim=1).mean())
    opt.zero_grad()
    loss.backward()
    opt.step()
for step in range(4):
    z = F.normalize(enc(torch.randn(32, 6)), dim=0)
    gram = z.T @ z - torch.eye(8)
    loss = gram.square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
centers = torch.randn(5, 6) * 2
triplet = nn.TripletMarginLoss(margin=1.0)
for step in range(6):
    k = torch.randint(0, 5, (24,))
    anchor, positive = centers[k] + torch.randn(24, 6), centers[k] + torch.randn(24, 6)
    negative = centers[(k + 1) % 5] + torch.randn(24, 6)
    loss = triplet(enc(anchor), enc(positive), enc(negative))
    opt.zero_grad()
    loss.backward()
    opt.step()
