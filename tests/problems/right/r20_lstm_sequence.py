import torch
from torch import nn

torch.manual_seed(18)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 6, padding_idx=0)
        self.lstm = nn.LSTM(6, 8, batch_first=True)
        self.out = nn.Linear(8, 3)

    def forward(self, ids):
        states, _ = self.lstm(self.emb(ids))
        return self.out(states)


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
ids = torch.tensor([[1, 2, 3, 0], [4, 5, 0, 0], [6, 7, 8, 9]])
tags = torch.where(ids == 0, -100, ids % 3)
for _ in range(6):
    opt.zero_grad()
    logits = model(ids)
    loss = nn.functional.cross_entropy(logits.reshape(-1, 3), tags.reshape(-1), ignore_index=-100)
    loss.backward()
    opt.step()
print(loss.item())
