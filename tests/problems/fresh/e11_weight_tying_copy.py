import torch
from torch import nn

torch.manual_seed(7)


class LM(nn.Module):
    def __init__(self, vocab=11, dim=6):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.mix = nn.Linear(dim, dim)
        self.decode = nn.Parameter(self.embed.weight.detach())

    def forward(self, ids):
        return torch.tanh(self.mix(self.embed(ids))) @ self.decode.T


lm = LM()
opt = torch.optim.SGD(lm.parameters(), lr=0.5)
ids = torch.randint(0, 11, (5, 7))
for _ in range(4):
    opt.zero_grad()
    logits = lm(ids[:, :-1])
    loss = nn.functional.cross_entropy(logits.reshape(-1, 11), ids[:, 1:].reshape(-1))
    loss.backward()
    opt.step()
