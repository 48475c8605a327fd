import torch
from torch.autograd import Function


class Scale(Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(x, factor)
        return x * factor

    @staticmethod
    def backward(ctx, g):
        x, factor = ctx.saved_tensors
        return g * factor


a = torch.randn(3, requires_grad=True)
s = torch.tensor(2.0, requires_grad=True)
Scale.apply(a, s).sum().backward()
