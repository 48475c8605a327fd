import torch

w = torch.ones(2, requires_grad=True)
unused = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([w, unused], lr=0.1)
for epoch in range(3):
    if epoch == 1:
        w.requires_grad_(False)
    if epoch == 0:
        loss = (w * 3).sum()
        loss.backward()
    optimizer.step()
print(w)
