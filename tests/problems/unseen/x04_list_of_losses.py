import torch

w = torch.tensor([2.0, 3.0], requires_grad=True)
history = []
for step in range(6):
    loss = (w**2).sum()
    loss.backward()
    history.append(loss)
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad.zero_()
print(len(history))
