import torch
from torch import nn

torch.manual_seed(8)
net = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
train_x, train_y = torch.randn(64, 4), torch.randn(64, 1)
valid_x, valid_y = torch.randn(16, 4), torch.randn(16, 1)
net.train()
for epoch in range(4):
    for i in range(0, 64, 16):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(train_x[i : i + 16]), train_y[i : i + 16])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        valid = nn.functional.mse_loss(net(valid_x), valid_y)
    print(f"epoch {epoch}", valid.isfinite().item())
