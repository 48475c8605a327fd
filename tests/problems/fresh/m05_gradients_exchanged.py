import torch


class MyMatMul(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a @ b

    @staticmethod
    def backward(ctx, grad_output):
        a, b = ctx.saved_tensors
        grad_a = grad_output @ b.t()
        grad_b = a.t() @ grad_output
        return grad_b, grad_a


torch.manual_seed(0)
W = torch.randn(4, 4, requires_grad=True)
M = torch.randn(4, 4, requires_grad=True)
target = torch.eye(4)
opt = torch.optim.SGD([W, M], lr=0.01)
for i in range(5):
    opt.zero_grad()
    loss = (MyMatMul.apply(W, M) - target).pow(2).sum()
    loss.backward()
    opt.step()
    print(loss.item())
