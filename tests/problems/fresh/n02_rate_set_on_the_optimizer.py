import torch
from torch.nn.functional import mse_loss

torch.manual_seed(0)


def adjust_learning_rate(optimizer, epoch, base=0.2):
    optimizer.lr = base * (0.5 ** (epoch // 3))


net = torch.nn.Sequential(torch.nn.Linear(2, 10), torch.nn.Tanh(), torch.nn.Linear(10, 1))
sgd = torch.optim.SGD(net.parameters(), lr=0.2)
inputs = torch.rand(40, 2)
targets = inputs.prod(dim=1, keepdim=True)
for epoch in range(9):
    adjust_learning_rate(sgd, epoch)
    out = net(inputs)
    error = mse_loss(out, targets)
    sgd.zero_grad()
    error.backward()
    sgd.step()
    print(f"epoch {epoch}: {error.item():.5f}")
