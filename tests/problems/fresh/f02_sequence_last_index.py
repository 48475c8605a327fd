import torch
import torch.nn.functional as F

torch.manual_seed(1)
head = torch.nn.Linear(8, 5)
states = torch.randn(2, 6, 8)
targets = torch.randint(0, 5, (2, 6))
loss = F.cross_entropy(head(states), targets)
loss.backward()
