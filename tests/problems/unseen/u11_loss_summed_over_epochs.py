import torch

w = torch.tensor([1.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
running = torch.zeros(1)
for epoch in range(3):
    optimizer.zero_grad()
    loss = ((w - 2) ** 2).sum()
    running += loss
    loss.backward()
    optimizer.step()
(running / 3).backward()
