import torch
import torch.nn as nn


class ChurnModel(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.layer_1 = nn.Linear(features, 16)
        self.layer_2 = nn.Linear(16, 8)
        self.layer_out = nn.Linear(8, 1)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.relu(self.layer_1(x))
        x = self.relu(self.layer_2(x))
        return self.layer_out(x)


torch.manual_seed(0)
X = torch.randn(64, 7)
y = (X[:, 0] + X[:, 3] > 0).float().view(-1, 1)
model = ChurnModel(7)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(4):
    epoch_loss = 0.0
    for k in range(0, 64, 16):
        X_batch, y_batch = X[k : k + 16], y[k : k + 16]
        optimizer.zero_grad()
        y_pred = model(X_batch)
        loss = criterion(y_pred, y_batch)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    print(f"Epoch {epoch}: | Loss: {epoch_loss / 4:.5f}")
