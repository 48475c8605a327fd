import torch

torch.manual_seed(0)
model = torch.nn.Linear(4, 3)
x, y = torch.randn(5, 4), torch.tensor([0, 1, 2, 3, 1])
loss = torch.nn.functional.cross_entropy(model(x), y)
loss.backward()
