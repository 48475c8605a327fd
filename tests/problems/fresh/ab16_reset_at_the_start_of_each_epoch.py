import torch
from torch import nn

torch.manual_seed(0)


def reset(m):
    if isinstance(m, nn.Linear):
        m.reset_parameters()


model = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
loader = [(torch.randn(16, 8), torch.randn(16, 1)) for _ in range(3)]
for epoch in range(6):
    model.apply(reset)
    for x, y in loader:
        loss = nn.functional.mse_loss(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
