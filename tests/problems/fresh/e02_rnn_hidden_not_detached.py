import torch
from torch import nn

torch.manual_seed(1)
cell = nn.RNNCell(3, 5)
head = nn.Linear(5, 1)
opt = torch.optim.SGD(list(cell.parameters()) + list(head.parameters()), lr=0.05)
hidden = torch.zeros(2, 5)
stream = torch.randn(4, 6, 2, 3)


def chunk_loss(chunk, state):
    total = 0.0
    for x in chunk:
        state = cell(x, state)
        total = total + head(state).pow(2).mean()
    return total, state


for chunk in stream:
    opt.zero_grad()
    loss, hidden = chunk_loss(chunk, hidden)
    loss.backward()
    opt.step()
