import torch
import torch.nn.functional as F

torch.manual_seed(18)
lin = torch.nn.Linear(4, 3)
x = torch.randn(5, 4)
y = torch.randint(0, 3, (5,))
weights = torch.tensor([1.0, 1.0, 2.0, 1.0, 0.5])
losses = F.cross_entropy(lin(x), y, reduction="none") * weights
losses.backward()
