import torch
import torch.nn as nn

torch.manual_seed(0)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, x):
        states, _ = self.gru(x)
        return self.head(states[:, -1])


model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
sentences = torch.randn(4, 7, 3)
labels = torch.tensor([0, 1, 0, 1])
for epoch in range(6):
    loss = nn.functional.cross_entropy(model(sentences), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item() < 0.7)
