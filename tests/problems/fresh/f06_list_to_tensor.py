import torch

torch.manual_seed(5)
layer = torch.nn.Linear(2, 1)
losses = []
for _ in range(4):
    losses.append(layer(torch.randn(3, 2)).pow(2).mean())
total = torch.tensor(losses).mean()
total.backward()
