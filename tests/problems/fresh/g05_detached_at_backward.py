import torch

torch.manual_seed(3)
net = torch.nn.Linear(2, 1)
loss = net(torch.randn(4, 2)).pow(2).mean()
loss.detach().backward()
