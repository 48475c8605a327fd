import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(37)
inputs = torch.randn(64, 10)
labels = torch.randint(0, 1, (64,))
model = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 2))
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.01)
for epoch in range(10):
    optimizer.zero_grad()
    outputs = model(inputs)
    loss = criterion(outputs, labels)
    loss.backward()
    optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f} accuracy {(outputs.argmax(1) == labels).float().mean():.2f}")
