# hard draws with the slope of soft ones, in two spellings, and a loss that starts as a tensor of its own
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
enc = nn.Linear(8, 6)
book = nn.Parameter(torch.randn(6, 4))
dec = nn.Linear(4, 8)
opt = torch.optim.Adam([*enc.parameters(), book, *dec.parameters()], lr=1e-2)
x = torch.randn(48, 8)
for step in range(8):
    total = torch.tensor(0.0, requires_grad=True)
    logits = enc(x)
    y_soft = F.softmax(logits - torch.empty_like(logits).exponential_().log(), dim=-1)
    index = y_soft.max(-1, keepdim=True)[1]
    y_hard = torch.zeros_like(logits).scatter_(-1, index, 1.0)
    y = y_hard - y_soft.detach() + y_soft
    total = total + F.mse_loss(dec(y @ book), x)
    again = F.gumbel_softmax(logits, tau=1.0, hard=True)
    total = total + 0.5 * F.mse_loss(dec(again @ book), x)
    opt.zero_grad()
    total.backward()
    opt.step()
