import torch
from torch import nn

torch.manual_seed(25)
X = torch.randn(90, 6)
Y = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()
layers = []
sizes = [6, 16, 16, 3]
for i in range(3):
    layers.append(nn.Linear(sizes[i], sizes[i + 1]))
    layers.append(nn.ReLU())
model = nn.Sequential(*layers)
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(15):
    opt.zero_grad()
    loss = loss_fn(model(X), Y)
    loss.backward()
    opt.step()
print(round(loss.item(), 2), (model(X).argmax(1) == Y).float().mean().item())
