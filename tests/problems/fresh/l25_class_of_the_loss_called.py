import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
criterion = nn.MSELoss

inputs = torch.randn(8, 3)
targets = torch.randn(8, 1)


def train_step(x, y):
    optimizer.zero_grad()
    outputs = model(x)
    loss = criterion(outputs, y)
    loss.backward()
    optimizer.step()
    return loss


for epoch in range(3):
    print(train_step(inputs, targets).item())
