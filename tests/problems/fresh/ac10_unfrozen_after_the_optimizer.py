import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(14)
body = nn.Sequential(nn.Linear(6, 16), nn.ReLU())
head = nn.Linear(16, 3)
model = nn.Sequential(body, head)
for p in body.parameters():
    p.requires_grad = False
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01)
x = torch.randn(60, 6)
y = x[:, :3].argmax(1)

for epoch in range(6):
    if epoch == 3:
        for p in body.parameters():
            p.requires_grad = True
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
