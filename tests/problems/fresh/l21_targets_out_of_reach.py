import torch
from torch import nn

torch.manual_seed(0)


class AgeRegressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 16)
        self.fc2 = nn.Linear(16, 1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        return torch.sigmoid(self.fc2(x))


x = torch.randn(64, 3)
age = 40 + 10 * x[:, :1] + 3 * x[:, 1:2]
model = AgeRegressor()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(60):
    loss = nn.functional.l1_loss(model(x), age)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())
