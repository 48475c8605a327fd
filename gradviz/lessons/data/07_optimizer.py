# the optimizer's two lines: step() and zero_grad()
import torch

weights = torch.ones(1, requires_grad=True)
optimizer = torch.optim.SGD([weights], lr=0.1)
for epoch in range(3):
    loss = (weights * 3).sum()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(weights)

# without zero_grad
w = torch.ones(1, requires_grad=True)
sgd = torch.optim.SGD([w], lr=0.1)
for epoch in range(3):
    out = (w * 3).sum()
    out.backward()
    sgd.step()
    print(w)
