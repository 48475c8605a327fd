import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(2)


class Model(nn.Module):
    def __init__(self, words, dim):
        super().__init__()
        self.embed = nn.Embedding(words, dim)
        self.mix = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, words, bias=False)
        self.out.weight.data = self.embed.weight.data

    def forward(self, tokens):
        return self.out(torch.tanh(self.mix(self.embed(tokens))))


model = Model(15, 6)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
tokens = torch.randint(0, 15, (40,))
for epoch in range(5):
    loss = F.cross_entropy(model(tokens[:-1]), tokens[1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item(), torch.equal(model.out.weight, model.embed.weight))
