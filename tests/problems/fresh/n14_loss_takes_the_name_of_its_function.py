import torch
from torch import nn, optim

torch.manual_seed(0)
model = nn.Linear(7, 1)
loss = nn.MSELoss()
optimizer = optim.SGD(model.parameters(), lr=0.01)
features = torch.randn(5, 10, 7)
answers = torch.randn(5, 10, 1)

for i in range(len(features)):
    optimizer.zero_grad()
    output = model(features[i])
    loss = loss(output, answers[i])
    loss.backward()
    optimizer.step()
    print(f"batch {i}, loss {loss.item():.3f}")
