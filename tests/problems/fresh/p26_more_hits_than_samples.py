import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(80, 4)
y = (x[:, 0] * x[:, 1] > 0).float().unsqueeze(1)
train = DataLoader(TensorDataset(x[:60], y[:60]), batch_size=20, shuffle=True)
test = DataLoader(TensorDataset(x[60:], y[60:]), batch_size=20)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 16)
        self.fc2 = nn.Linear(16, 1)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


def test_accuracy(model):
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for inputs, labels in test:
            predicted = (torch.sigmoid(model(inputs)) > 0.5).float().squeeze(1)
            correct += (predicted == labels).sum().item()
            total += labels.size(0)
    model.train()
    return correct / total


model = Net()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(3):
    for inputs, labels in train:
        optimizer.zero_grad()
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: loss {loss.item():.3f} accuracy {test_accuracy(model):.2%}")
