# a narrow valley: plain SGD, momentum, Adam
import torch

torch.manual_seed(0)
start = torch.rand(2) + 1
valley = torch.tensor([1.0, 20.0])

p = start.clone().requires_grad_()
m = start.clone().requires_grad_()
q = start.clone().requires_grad_()
plain = torch.optim.SGD([p], lr=0.02)
momentum = torch.optim.SGD([m], lr=0.02, momentum=0.8)
adam = torch.optim.Adam([q], lr=0.3)

for step in range(12):
    loss = (valley * p**2).sum() + (valley * m**2).sum() + (valley * q**2).sum()
    loss.backward()
    for optimizer in (plain, momentum, adam):
        optimizer.step()
        optimizer.zero_grad()

print(p)
print(m)
print(q)
