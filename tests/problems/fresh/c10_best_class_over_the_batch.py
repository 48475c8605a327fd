import torch
from torch import nn

torch.manual_seed(9)
x = torch.randn(3, 4)
y = torch.tensor([0, 2, 1])
model = nn.Linear(4, 3)
opt = torch.optim.SGD(model.parameters(), lr=0.5)
for epoch in range(12):
    out = model(x)
    loss = nn.functional.cross_entropy(out, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    accuracy = (out.argmax(dim=0) == y).float().mean()
    print(round(loss.item(), 2), round(accuracy.item(), 2))
