import torch

w = torch.ones(3, requires_grad=True)
opt = torch.optim.Adam([w], lr=0.1)
for step in range(3):
    loss = (w**2).sum()
    opt.zero_grad()
    loss.backward()
    w = torch.nn.Parameter(w.detach() - 0.1 * w.grad)
    opt.step()
