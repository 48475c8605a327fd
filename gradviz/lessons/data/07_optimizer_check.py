# the same with another slope
import torch

torch.manual_seed(0)
k = torch.randint(2, 9, (1,)).item()

weights = torch.ones(1, requires_grad=True)
optimizer = torch.optim.SGD([weights], lr=0.1)
for epoch in range(3):
    loss = (weights * k).sum()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(weights)

# without zero_grad
w = torch.ones(1, requires_grad=True)
sgd = torch.optim.SGD([w], lr=0.1)
for epoch in range(3):
    out = (w * k).sum()
    out.backward()
    sgd.step()
    print(w)
