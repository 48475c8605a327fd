import torch

w = torch.tensor(2.0, requires_grad=True)
torch.set_grad_enabled(False)
print("validation", (w - 1) ** 2)
for step in range(3):
    loss = (w - 1) ** 2
    loss.backward()
