import torch
from torch import nn

torch.manual_seed(0)
cell, decode, move = nn.GRUCell(2, 8), nn.Linear(8, 2), nn.Linear(8, 2)
opt = torch.optim.Adam([*cell.parameters(), *decode.parameters(), *move.parameters()], lr=1e-2)
series = torch.randn(16, 6, 2)
for epoch in range(4):
    h, guess, loss = torch.zeros(16, 8), series[:, 0], 0.0
    for t in range(1, 6):  # what it said is given to it again, without its history; the state keeps its own
        h = cell(guess.detach(), h)
        guess = decode(h)
        loss = loss + (guess - series[:, t]).pow(2).mean()
    place = series[:, 0]
    for _ in range(4):  # refined from where it stands; only the last place is compared
        place = place.detach() + move(h)
    loss = loss + (place - series[:, -1]).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
