import torch

torch.manual_seed(8)
X = torch.randn(64, 3)
Y = X @ torch.tensor([[1.0], [-2.0], [0.5]])
model = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.5)
for epoch in range(6):
    perm = torch.randperm(64)
    for i in range(0, 64, 16):
        idx = perm[i : i + 16]
        opt.zero_grad()
        loss = ((model(X[idx]) - Y[idx]) ** 2).mean()
        loss.backward()
        opt.step()
    sched.step()
    print(epoch, loss.item(), sched.get_last_lr())
