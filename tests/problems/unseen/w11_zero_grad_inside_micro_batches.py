import torch

torch.manual_seed(0)
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(3):
    for part in range(4):
        x = torch.randn(2, 2)
        optimizer.zero_grad()
        (model(x).pow(2).mean() / 4).backward()
    optimizer.step()
