import torch
from torch import nn

torch.manual_seed(0)
words = {w: i for i, w in enumerate("<pad> the a cat dog sat ran slept on under mat".split())}
sentences = ["the cat sat on the mat", "a dog ran", "the dog slept under a mat", "a cat slept"]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(words), 6, padding_idx=0)
        self.encoder = nn.GRU(6, 10, bidirectional=True, batch_first=True)
        self.decoder = nn.GRUCell(20, 12)
        self.out = nn.Linear(12, 2)

    def forward(self, ids):
        states, _ = self.encoder(self.embed(ids))
        h = torch.zeros(len(ids), 12)
        logits = []
        for t in range(states.shape[1]):
            h = self.decoder(states[:, t], h)
            logits.append(self.out(h))
        return torch.stack(logits, dim=1)


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    for sentence in sentences:
        ids = torch.tensor([[words[w] for w in sentence.split()]])
        tags = (ids > 2).long()
        loss = nn.functional.cross_entropy(model(ids).flatten(0, 1), tags.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
print(loss.item())
