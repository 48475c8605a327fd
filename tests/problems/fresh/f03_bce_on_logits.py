import torch
import torch.nn.functional as F

torch.manual_seed(2)
net = torch.nn.Linear(3, 1)
x, y = torch.randn(6, 3), torch.tensor([[0.0], [1.0], [1.0], [0.0], [1.0], [0.0]])
loss = F.binary_cross_entropy(net(x), y)
loss.backward()
