"""Extending autograd: custom Functions as in the tutorial and in forum answers."""

import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable


class LegendrePolynomial3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


class LinearFunction(Function):
    @staticmethod
    def forward(input, weight, bias):
        output = input.mm(weight.t())
        if bias is not None:
            output += bias.unsqueeze(0).expand_as(output)
        return output

    @staticmethod
    def setup_context(ctx, inputs, output):
        input, weight, bias = inputs
        ctx.save_for_backward(input, weight, bias)

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        print("needs", ctx.needs_input_grad)
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias


class GradReverse(Function):
    @staticmethod
    def forward(ctx, x, lambd):
        ctx.lambd = lambd
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return g.neg() * ctx.lambd, None


class STE(Function):
    @staticmethod
    def forward(ctx, x):
        return (x > 0).float()

    @staticmethod
    def backward(ctx, g):
        return torch.nn.functional.hardtanh(g)


class SortIdx(Function):
    @staticmethod
    def forward(ctx, x):
        v, i = x.sort()
        ctx.mark_non_differentiable(i)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(i)
        return v, i

    @staticmethod
    @once_differentiable
    def backward(ctx, gv, gi):
        print("gi is", gi)
        (i,) = ctx.saved_tensors
        return torch.zeros_like(gv).index_add(0, i, gv)


class InplaceDouble(Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, g):
        return 2 * g


torch.manual_seed(1)
x = torch.linspace(-1, 1, 5, requires_grad=True)
y = LegendrePolynomial3.apply(x)
print(y, type(y.grad_fn).__name__)
print(y.grad_fn.saved_tensors, y.grad_fn.name())
y.sum().backward()
print(x.grad)
print(torch.autograd.gradcheck(LegendrePolynomial3.apply, torch.randn(3, dtype=torch.double, requires_grad=True)))
w, b = torch.randn(3, 2, requires_grad=True), torch.randn(3)
inp = torch.randn(4, 2)
out = LinearFunction.apply(inp, w, b)
print(out)
out.sum().backward()
print(w.grad, b.grad)
z = torch.ones(2, requires_grad=True)
GradReverse.apply(z, 0.5).sum().backward()
print(z.grad)
z.grad = None
s = STE.apply(z)
print(s)
s.mul(torch.tensor([3.0, -0.5])).sum().backward()
print(z.grad)
a = torch.tensor([3.0, 1.0, 2.0], requires_grad=True)
v, i = SortIdx.apply(a)
print(v, i, i.requires_grad)
(v * torch.tensor([1.0, 10.0, 100.0])).sum().backward()
print(a.grad)
leaf = torch.ones(2, requires_grad=True)
c = leaf * 3
d = InplaceDouble.apply(c)
print(d is c, c, c.grad_fn.name())
(g,) = torch.autograd.grad(SortIdx.apply(a)[0].sum(), a, create_graph=True)
print(g, g.requires_grad)
for bad in (lambda: g.sum().backward(), lambda: type(LegendrePolynomial3(x)), lambda: y.sum().backward(), lambda: InplaceDouble.apply(z)):
    try:
        print(bad())
    except Exception as e:
        print(type(e).__name__, e)
