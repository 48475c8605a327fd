import torch

torch.manual_seed(0)
shared = torch.nn.Linear(2, 2)
one = torch.optim.SGD(shared.parameters(), lr=0.1)
two = torch.optim.SGD(shared.parameters(), lr=0.1)
x = torch.randn(4, 2)
for epoch in range(3):
    one.zero_grad()
    two.zero_grad()
    shared(x).pow(2).mean().backward()
    one.step()
    two.step()
