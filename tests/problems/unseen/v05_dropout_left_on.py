import torch

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
x = torch.randn(4, 2)
print(model(x).mean())
print(model(x).mean())
