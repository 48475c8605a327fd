import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(6)


class Classifier(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.hidden = nn.Linear(features, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        h = torch.relu(self.hidden(x))
        return self.out(h).squeeze()


x = torch.randn(33, 5)
y = (x.sum(1) > 0).float()
loader = DataLoader(TensorDataset(x, y), batch_size=8)
model = Classifier(5)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(3):
    running = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(epoch, running / len(loader))
