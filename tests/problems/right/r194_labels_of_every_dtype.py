import torch
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(194)
pairs = [(torch.randint(1, 20, (int(n),)), int(n) % 2) for n in torch.randint(3, 7, (24,))]


def collate(batch):
    tokens, labels = zip(*batch)
    lengths = torch.tensor([len(each) for each in tokens])
    return nn.utils.rnn.pad_sequence(list(tokens), batch_first=True), lengths, torch.tensor(labels)


emb, one, two = nn.Embedding(20, 8, padding_idx=0), nn.Linear(8, 1), nn.Linear(8, 2)
opt = torch.optim.Adam([*emb.parameters(), *one.parameters(), *two.parameters()], lr=0.01)
for epoch in range(3):
    for tokens, lengths, labels in DataLoader(pairs, batch_size=6, shuffle=True, collate_fn=collate):
        h = emb(tokens).sum(1) / lengths.unsqueeze(1)
        values, places = h.max(dim=1)
        loss = nn.functional.binary_cross_entropy_with_logits(one(h).squeeze(1), labels.float())
        loss = loss + nn.functional.cross_entropy(two(h), labels) + 1e-3 * values.mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
