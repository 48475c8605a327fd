# a Function whose backward records by itself, one with constants that are not tensors, and its .apply under a name
import torch


class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, run, x, w):
        ctx.run = run
        ctx.save_for_backward(x, w)
        return run(x, w)

    @staticmethod
    def backward(ctx, grad_output):
        x, w = (t.detach().requires_grad_() for t in ctx.saved_tensors)
        with torch.enable_grad():
            out = ctx.run(x, w)
        gx, gw = torch.autograd.grad(out, (x, w), grad_output)
        return None, gx, gw


class Clip(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, low, high):
        ctx.save_for_backward(x)
        ctx.bounds = low, high
        return x.clamp(low, high)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        low, high = ctx.bounds
        return g * ((x > low) & (x < high)), None, None


clip = Clip.apply
torch.manual_seed(0)
w = torch.randn(3, requires_grad=True)
x = torch.randn(10, 3)
for step in range(4):
    y = Checkpoint.apply(lambda a, b: torch.sin(a @ b), x, w)
    loss = (clip(y, -2.0, 2.0) - x[:, 0]).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
