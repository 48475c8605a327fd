import math

import torch
from torch import nn

torch.manual_seed(0)
tokens, slots = nn.Embedding(12, 8), nn.Parameter(torch.randn(1, 3, 8))
query, key, value, head = (nn.Linear(8, 8) for _ in range(3)), nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 12)
q, k, v = query
opt = torch.optim.Adam([slots, *tokens.parameters(), *q.parameters(), *k.parameters(), *v.parameters(), *head.parameters()], lr=1e-2)
given = torch.randint(0, 12, (6, 5))
for step in range(5):
    x = tokens(given)
    scores = q(x) @ k(x).transpose(1, 2) / math.sqrt(8)
    mixed = torch.softmax(scores, dim=-1) @ v(x)
    across = torch.softmax(k(x) @ q(x).transpose(1, 2) / math.sqrt(8), dim=1)
    mixed = mixed + across.transpose(1, 2) @ v(x)
    compete = torch.softmax(slots @ x.transpose(1, 2), dim=1)  # slots compete for a token, and are normed over the tokens then
    update = (compete / compete.sum(dim=-1, keepdim=True)) @ v(x)
    logits = head(torch.relu(mixed + update.mean(dim=1, keepdim=True)))
    loss = nn.functional.cross_entropy(logits.reshape(-1, 12), given.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
