import torch
from torch import nn

torch.manual_seed(23)


class GaussianProcess(nn.Module):
    def __init__(self):
        super().__init__()
        self.log_length = nn.Parameter(torch.tensor(0.0))
        self.log_scale = nn.Parameter(torch.tensor(0.0))

    def kernel(self, a, b):
        distance = (a[:, None] - b[None, :]) ** 2
        return self.log_scale.exp() * torch.exp(-0.5 * distance / self.log_length.exp() ** 2)

    def nll(self, x, y):
        k = self.kernel(x, x)
        chol = torch.linalg.cholesky(k)
        alpha = torch.cholesky_solve(y[:, None], chol)
        fit = 0.5 * (y[:, None] * alpha).sum()
        return fit + torch.log(torch.diagonal(chol)).sum()


x = torch.linspace(0, 1, 12).repeat_interleave(2)
y = torch.sin(6 * x) + 0.1 * torch.randn(24)
gp = GaussianProcess()
optimizer = torch.optim.Adam(gp.parameters(), lr=0.05)
for step in range(5):
    optimizer.zero_grad()
    loss = gp.nll(x, y)
    loss.backward()
    optimizer.step()
    print(step, loss.item(), gp.log_length.exp().item())
