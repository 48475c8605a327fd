import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

KEEP = 0.95


class Classifier(nn.Module):
    def __init__(self, keep):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 6, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Dropout(keep), nn.Linear(24, 16), nn.ReLU(), nn.Dropout(keep), nn.Linear(16, 4))

    def forward(self, x):
        return self.classifier(self.features(x))


torch.manual_seed(0)
labels = torch.randint(0, 4, (64,))
images = torch.randn(64, 1, 8, 8) * 0.2
for i, k in enumerate(labels.tolist()):
    images[i, 0, 2 * k : 2 * k + 2] += 1.0
loader = DataLoader(TensorDataset(images, labels), batch_size=16, shuffle=True)
model = Classifier(KEEP)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(4):
    model.train()
    total = 0.0
    for batch, target in loader:
        optimizer.zero_grad()
        loss = criterion(model(batch), target)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(epoch, total / len(loader))
