import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(23)
gen = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 4))
dis = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
gen_opt = torch.optim.Adam(gen.parameters(), lr=1e-3)
dis_opt = torch.optim.Adam(dis.parameters(), lr=1e-3)
one, zero = torch.ones(10, 1), torch.zeros(10, 1)
for it in range(3):
    images = gen(torch.randn(10, 3))
    dis_opt.zero_grad()
    loss_d = F.binary_cross_entropy_with_logits(dis(torch.randn(10, 4)), one)
    loss_d = loss_d + F.binary_cross_entropy_with_logits(dis(images), zero)
    loss_d.backward()
    dis_opt.step()
    gen_opt.zero_grad()
    loss_g = F.binary_cross_entropy_with_logits(dis(images), one)
    loss_g.backward()
    gen_opt.step()
