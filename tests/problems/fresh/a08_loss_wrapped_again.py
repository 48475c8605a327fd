import torch
import torch.nn.functional as F

model = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x, t = torch.randn(10, 3), torch.randn(10, 1)
for i in range(5):
    opt.zero_grad()
    err = F.mse_loss(model(x), t)
    err = torch.tensor(float(err), requires_grad=True)
    err.backward()
    opt.step()
    print(err)
