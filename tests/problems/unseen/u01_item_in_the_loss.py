import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
total = 0.0
for k in range(3):
    total = total + (w * k).sum().item()
loss = torch.tensor(total)
loss.backward()
