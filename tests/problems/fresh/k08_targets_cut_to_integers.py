import torch
from torch import nn

torch.manual_seed(0)
raw = torch.rand(100, 4)
prices = raw @ torch.tensor([0.1, 0.3, 0.2, 0.25]) + 0.05

features = (raw - raw.mean(dim=0)) / raw.std(dim=0)
targets = prices.long()

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(10):
    for k in range(0, 100, 25):
        prediction = model(features[k : k + 25]).squeeze(1)
        loss = ((prediction - targets[k : k + 25]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
