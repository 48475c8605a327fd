import torch
from torch import nn

torch.manual_seed(3)
cell = nn.GRUCell(2, 8)
head = nn.Linear(8, 1)
params = list(cell.parameters()) + list(head.parameters())
opt = torch.optim.Adam(params, lr=0.01)
series = torch.sin(torch.arange(0, 12, 0.1)).reshape(-1, 1)
h = torch.zeros(1, 8)
for start in range(0, 100, 10):
    h = h.detach()
    loss = 0.0
    for t in range(start, start + 10):
        inp = torch.cat([series[t], torch.ones(1)]).unsqueeze(0)
        h = cell(inp, h)
        loss = loss + (head(h).squeeze() - series[t + 1].squeeze()) ** 2
    loss = loss / 10
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(params, 1.0)
    opt.step()
print(loss.item())
