import torch

torch.manual_seed(0)
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(8, 2), torch.randn(8, 1)
loss = ((model(x) - y) ** 2).mean()
for epoch in range(3):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
