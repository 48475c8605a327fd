import torch


class RoundSTE(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, g):
        return g


torch.manual_seed(7)
w = torch.randn(4, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for _ in range(5):
    opt.zero_grad()
    loss = (RoundSTE.apply(w) - 1.0).pow(2).sum()
    loss.backward()
    opt.step()
print(w)
