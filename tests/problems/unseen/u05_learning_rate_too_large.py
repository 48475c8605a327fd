import torch

w = torch.tensor([1.0, -2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=30.0)
for epoch in range(20):
    optimizer.zero_grad()
    loss = (w**4).sum()
    loss.backward()
    optimizer.step()
