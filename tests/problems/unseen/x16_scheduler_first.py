import torch

w = torch.tensor(2.0, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=1, gamma=0.1)
for epoch in range(8):
    sched.step()
    opt.zero_grad()
    loss = (w - 1) ** 2
    loss.backward()
    opt.step()
print(w)
