import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR


class Wine(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(11, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        return self.layers(x)


torch.manual_seed(0)
x = torch.randn(96, 11)
y = (x @ torch.randn(11, 1)) * 0.5 + 0.1 * torch.randn(96, 1)
train_x, train_y, val_x, val_y = x[:72], y[:72], x[72:], y[72:]
model = Wine()
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
scheduler = StepLR(optimizer, step_size=2, gamma=10)
history = []
for epoch in range(8):
    model.train()
    for part in torch.randperm(72).split(24):
        optimizer.zero_grad()
        loss = criterion(model(train_x[part]), train_y[part])
        loss.backward()
        optimizer.step()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        history.append(criterion(model(val_x), val_y).item())
    print(epoch, scheduler.get_last_lr(), history[-1])
