import torch

torch.manual_seed(3)
X = torch.randn(64, 3)
Y = X @ torch.tensor([[1.0], [-2.0], [0.5]])
model = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.1)
for epoch in range(3):
    for i in range(0, 64, 8):
        opt.zero_grad()
        loss = ((model(X[i : i + 8]) - Y[i : i + 8]) ** 2).mean()
        loss.backward()
        opt.step()
        sched.step()
    print(epoch, loss.item())
