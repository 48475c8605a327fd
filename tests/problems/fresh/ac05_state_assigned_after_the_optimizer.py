import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(3)
model = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

pretrained = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 2))
nn.init.xavier_uniform_(pretrained[0].weight)
nn.init.xavier_uniform_(pretrained[2].weight)
checkpoint = pretrained.state_dict()

model.load_state_dict(checkpoint, assign=True)
x = torch.randn(50, 4)
y = (x[:, 0] > x[:, 1]).long()
for epoch in range(6):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
