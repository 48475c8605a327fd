import torch

torch.manual_seed(6)
model = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(8, 2), torch.randn(8, 1)
for _ in range(4):
    loss = (model(x) - y).pow(2).mean()
    opt.zero_grad()
    opt.step()
    loss.backward()
