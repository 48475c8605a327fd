import torch

w = torch.tensor(3.0, requires_grad=True)
smooth = torch.tensor(0.0)
for step in range(5):
    loss = (w - 1) ** 2
    loss.backward()
    smooth = 0.9 * smooth + 0.1 * loss
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
print(smooth)
