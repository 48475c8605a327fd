import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 10, batch_first=True)
        self.head = nn.Linear(10, 2)

    def forward(self, x):
        _, (h, c) = self.lstm(x)
        return self.head(h[-1])


lengths = [4, 9, 6, 2, 8]
batch = torch.zeros(5, 9, 3)
for row, n in enumerate(lengths):
    batch[row, :n] = torch.randn(n, 3)
labels = torch.tensor([0, 1, 1, 0, 1])
model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(6):
    loss = F.cross_entropy(model(batch), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
