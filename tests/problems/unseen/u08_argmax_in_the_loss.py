import torch

torch.manual_seed(0)
model = torch.nn.Linear(2, 3)
x = torch.randn(5, 2)
y = torch.tensor([0, 1, 2, 0, 1])
guess = model(x).argmax(dim=1)
loss = (guess != y).float().mean()
loss.backward()
