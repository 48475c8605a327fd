import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau

torch.manual_seed(0)
x = torch.randn(120, 4)
y = (x[:, 0] * x[:, 1] > 0).long()
years = (x[:, 0] * 10).long()  # binned
model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
embed = nn.Embedding(80, 2)
opt = torch.optim.Adam([*model.parameters(), *embed.parameters()], lr=1e-2)
warmup = LambdaLR(opt, lambda step: min(1.0, step / 8))
for step in range(12):
    loss = nn.functional.cross_entropy(model(x) + embed(years + 40), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    warmup.step()
plateau = ReduceLROnPlateau(opt, mode="max", factor=0.5, patience=2)
for epoch in range(8):
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        accuracy = (model(x).argmax(1) == y).float().mean()
    plateau.step(accuracy)
print(loss.item())
