import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(6)
embed, rnn, head = nn.Embedding(20, 6), nn.GRU(6, 6, batch_first=True), nn.Linear(6, 5)
conv = nn.Conv2d(1, 5, 3, padding=1)
square = nn.Linear(4, 4)
params = [*embed.parameters(), *rnn.parameters(), *head.parameters(), *conv.parameters(), *square.parameters()]
opt = torch.optim.Adam(params, lr=1e-2)
words = torch.randint(0, 20, (5, 5))
tags = words % 5
pixels = torch.randn(3, 1, 5, 5)
kinds = (pixels[:, 0] > 0).long() * 3
x = torch.randn(4, 4)
for _ in range(5):
    states, _ = rnn(embed(words))
    logits = head(states)
    loss = F.cross_entropy(logits.permute(0, 2, 1), tags)
    loss = loss + F.cross_entropy(logits.reshape(-1, 5), tags.reshape(-1))
    loss = loss + F.cross_entropy(conv(pixels), kinds)
    loss = loss + F.cross_entropy(square(x), torch.tensor([0, 3, 2, 1]))
    opt.zero_grad()
    loss.backward()
    opt.step()
