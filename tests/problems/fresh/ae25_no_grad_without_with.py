import torch
from torch import nn

torch.manual_seed(25)
x, y = torch.randn(60, 4), torch.randint(0, 2, (60,))
model = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Dropout(0.3), nn.Linear(12, 2))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
history = []
for epoch in range(4):
    model.train()
    for i in range(0, 48, 16):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[i : i + 16]), y[i : i + 16])
        loss.backward()
        opt.step()
    model.eval()
    torch.no_grad()
    val_loss = nn.functional.cross_entropy(model(x[48:]), y[48:])
    history.append(val_loss.item())
print(history)
