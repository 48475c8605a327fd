import torch

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for epoch in range(3):
    loss = (w * 3).sum()
    loss.backward()
    print(w.grad)
    optimizer.step()
