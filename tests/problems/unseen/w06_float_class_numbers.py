import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 2)
x = torch.randn(4, 3)
y = torch.tensor([0, 1, 1, 0])
loss = torch.nn.functional.cross_entropy(model(x), y.float())
loss.backward()
