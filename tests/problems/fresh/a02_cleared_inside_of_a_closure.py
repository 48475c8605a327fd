import torch
import torch.nn as nn


def make_step(model, criterion, optimizer):
    def train_step(batch, labels):
        model.train()
        out = model(batch)
        loss = criterion(out, labels)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        return loss.item()

    return train_step


torch.manual_seed(1)
model = nn.Sequential(nn.Linear(5, 10), nn.ReLU(), nn.Linear(10, 3))
step = make_step(model, nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=1e-2))
features, labels = torch.randn(30, 5), torch.randint(0, 3, (30,))
history = [step(features, labels) for _ in range(10)]
print(history)
