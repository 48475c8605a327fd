import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(0)
sentences = [torch.randint(1, 12, (n,)) for n in (5, 3, 4, 6)]
tags = [(s % 3) for s in sentences]
ids = pad_sequence(sentences, batch_first=True)
gold = pad_sequence(tags, batch_first=True, padding_value=-100)
emb, rnn, out = nn.Embedding(12, 6, padding_idx=0), nn.GRU(6, 10, batch_first=True), nn.Linear(10, 3)
modules = nn.ModuleList([emb, rnn, out])
opt = torch.optim.Adam(modules.parameters(), lr=0.03)
for step in range(15):
    logits = out(rnn(emb(ids))[0])
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), gold)
    opt.zero_grad()
    loss.backward()
    opt.step()
hits = (logits.argmax(-1) == gold)[gold >= 0].float().mean()
print(loss.item(), hits.item())
