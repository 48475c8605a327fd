import torch
from torch import nn

torch.manual_seed(17)
x = torch.linspace(-1, 1, 20).unsqueeze(1)
y = 3 * x.squeeze() + 0.5
model = nn.Linear(1, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
loss_fn = nn.MSELoss()
for _ in range(5):
    opt.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    opt.step()
