import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
trunk = nn.Linear(5, 8)
seg = nn.Linear(8, 1)
grade = nn.Linear(8, 1)
opt = torch.optim.SGD([*trunk.parameters(), *seg.parameters(), *grade.parameters()], lr=0.05)
x = torch.randn(20, 5)
t1 = x[:, :1]
has_grade = torch.zeros(20, 1)
t2 = x[:, 1:2]
for it in range(3):
    h = trunk(x).tanh()
    losses = [F.mse_loss(seg(h), t1), (F.mse_loss(grade(h), t2, reduction="none") * has_grade).sum()]
    grads = []
    for l in losses:
        opt.zero_grad()
        l.backward(retain_graph=True)
        grads.append(torch.cat([p.grad.flatten() for p in trunk.parameters()]))
    g_i, g_j = grads[0].clone(), grads[1]
    if (g_i @ g_j) <= 0:
        g_i -= (g_i @ g_j) * g_j / (g_j.norm() ** 2)
    merged = g_i + g_j
    at = 0
    for p in trunk.parameters():
        p.grad = merged[at : at + p.numel()].view_as(p)
        at += p.numel()
    opt.step()
    print(it, [l.item() for l in losses])
