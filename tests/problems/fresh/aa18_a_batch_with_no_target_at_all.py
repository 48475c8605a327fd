import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
IGNORE = -100
lm = nn.Sequential(nn.Embedding(30, 16), nn.Linear(16, 30))
opt = torch.optim.SGD(lm.parameters(), lr=0.1)


def collate(prompt_len, total=8):
    ids = torch.randint(0, 30, (2, total))
    labels = ids.clone()
    labels[:, :prompt_len] = IGNORE
    return ids, labels


for step, prompt_len in enumerate([3, 5, 2, 8, 4]):
    ids, labels = collate(prompt_len)
    logits = lm(ids)
    loss = F.cross_entropy(logits.view(-1, 30), labels.view(-1), ignore_index=IGNORE)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
