import torch
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(27)
sentences = [(torch.randint(1, 20, (int(n),)), int(n) % 2) for n in torch.randint(3, 7, (24,))]


def collate(batch):
    tokens, labels = zip(*batch)
    return torch.stack(tokens), torch.tensor(labels)


loader = DataLoader(sentences, batch_size=6, collate_fn=collate)
emb, out = nn.EmbeddingBag(20, 8), nn.Linear(8, 2)
opt = torch.optim.Adam([*emb.parameters(), *out.parameters()], lr=0.01)
for tokens, labels in loader:
    loss = nn.functional.cross_entropy(out(emb(tokens)), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
