import torch


class Threshold(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, level):
        ctx.save_for_backward(x)
        ctx.level = level
        return (x > level).to(x.dtype)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (x - ctx.level).abs().lt(0.5).to(grad.dtype), None


threshold = Threshold()
torch.manual_seed(0)
w = torch.randn(5, requires_grad=True)
y = threshold(w * 2, 0.1)
y.sum().backward()
print(w.grad)
