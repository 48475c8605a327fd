import torch
from torch import nn

torch.manual_seed(1)
gru, out = nn.GRU(2, 5, batch_first=True), nn.Linear(5, 2)
opt = torch.optim.Adam([*gru.parameters(), *out.parameters()], lr=0.01)
state = {"h": None}


def forward(chunk):
    y, state["h"] = gru(chunk, state["h"])
    return out(y)


stream = torch.randn(3, 24, 2)
for chunk, nxt in zip(stream[:, :-1].split(6, 1), stream[:, 1:].split(6, 1)):
    loss = nn.functional.mse_loss(forward(chunk)[:, : nxt.size(1)], nxt[:, : chunk.size(1)])
    opt.zero_grad()
    loss.backward()
    opt.step()
