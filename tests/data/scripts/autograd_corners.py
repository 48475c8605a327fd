import torch, torch.nn as nn, torch.nn.functional as F
from torch.autograd import Function, grad, gradcheck, functional as AF

torch.manual_seed(0)


class Split2(Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.save_for_backward(x)
        ctx.k = k
        ctx.mark_non_differentiable
        return x * k, x**2

    @staticmethod
    def backward(ctx, ga, gb):
        (x,) = ctx.saved_tensors
        print("needs", ctx.needs_input_grad)
        return ga * ctx.k + 2 * x * gb, None


x = torch.tensor([1.0, 2.0], requires_grad=True)
a, b = Split2.apply(x, 3.0)
print(a, b, a.grad_fn.name())
(a.sum() + b.sum()).backward()
print(x.grad)


class Round(Function):
    @staticmethod
    def forward(x):
        return x.round()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.shape = inputs[0].shape

    @staticmethod
    def backward(ctx, g):
        return g.clone()


x = torch.tensor([0.4, 1.6], requires_grad=True)
Round.apply(x).sum().backward()
print(x.grad)


class Bad(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return g, g


try:
    Bad.apply(x).sum().backward()
except RuntimeError as e:
    print(e)
try:
    Bad()(x)
except Exception as e:
    print(type(e).__name__, e)
print(gradcheck(lambda t: t.sin().sum(), torch.randn(3, dtype=torch.double, requires_grad=True)))
try:
    gradcheck(lambda t: Round.apply(t).sum(), torch.tensor([0.3], dtype=torch.double, requires_grad=True))
except Exception as e:
    print(type(e).__name__, str(e)[:120])
f = lambda x, y: (x**2 * y).sum()
X, Y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
print(
    AF.jacobian(f, (X, Y)),
    AF.hessian(f, (X, Y))[0][1],
    AF.vhp(f, (X, Y), (torch.ones(2), torch.zeros(2)))[1],
    AF.hvp(lambda x: (x**3).sum(), X, torch.ones(2)),
    AF.jvp(torch.sin, X, torch.ones(2)),
    AF.vjp(torch.exp, X, torch.ones(2)),
)
u = torch.linspace(0, 1, 5, requires_grad=True)
y = torch.sin(3 * u)
d1 = grad(y.sum(), u, create_graph=True)[0]
d2 = grad(d1.sum(), u, create_graph=True)[0]
(d3,) = grad(d2.sum(), u)
print(d1, d2, d3)
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
t = torch.linspace(0, 1, 10)[:, None].requires_grad_()
opt = torch.optim.Adam(net.parameters(), 1e-2)
for i in range(20):
    yy = net(t)
    dy = grad(yy, t, torch.ones_like(yy), create_graph=True)[0]
    loss = ((dy + yy) ** 2).mean() + (net(torch.zeros(1, 1)) - 1).pow(2).squeeze()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"{loss.item():.2f}", t.grad is not None)
w = torch.tensor([1.0], requires_grad=True)
inner = (w * 2 - 1) ** 2
gw = grad(inner, w, create_graph=True)[0]
w2 = w - 0.1 * gw
outer = (w2 * 3) ** 2
print(grad(outer, w))
try:
    grad(inner, torch.ones(1, requires_grad=True))
except RuntimeError as e:
    print(e)
print(
    grad(inner, [w, torch.ones(1, requires_grad=True)], allow_unused=True)
    if False
    else grad((w * 1).sum(), [w, torch.ones(1, requires_grad=True)], allow_unused=True),
    grad((w * 1).sum(), [w, torch.ones(2, requires_grad=True)], materialize_grads=True) if True else 0,
)
with torch.autograd.graph.saved_tensors_hooks(
    lambda t: t.numpy().copy() if not t.requires_grad else t.detach().numpy().copy(), lambda n: torch.from_numpy(n)
):
    z = (x * x).sum()
z.backward()
print(x.grad)
v = x.exp()
print(v.grad_fn._saved_result is not None, v.grad_fn.name(), v.grad_fn._saved_result)
from torch.utils.checkpoint import checkpoint

lin = nn.Linear(2, 2)
c = checkpoint(lambda q: torch.relu(lin(q)), torch.ones(1, 2, requires_grad=True), use_reentrant=False)
c.sum().backward()
print(lin.weight.grad is not None)
with torch.autograd.detect_anomaly(check_nan=True):
    q = torch.tensor([0.0], requires_grad=True)
    try:
        (torch.sqrt(q) * 0).sum().backward()
    except RuntimeError as e:
        print(e)
h = torch.ones(2, requires_grad=True)
k = h * 2
k.register_hook(lambda g: g * 10)
k.retain_grad()
(k * 3).sum().backward()
print(h.grad, k.grad)
s = h * 1
s.grad_fn.register_hook(lambda gi, go: print("node", gi, go))
s.sum().backward(retain_graph=True)
s.grad_fn.register_prehook(lambda go: print("pre", go))
s.sum().backward()
try:
    h += 1
except RuntimeError as e:
    print(e)
with torch.no_grad():
    h += 1
print(h, h._version)
m = h * 1
m += 1
print(m.grad_fn.name())
r = h.exp()
r += 1
try:
    r.sum().backward()
except RuntimeError as e:
    print(str(e)[:150])
print(torch.is_grad_enabled(), h.requires_grad, (h.detach() * 2).requires_grad, torch.inference_mode()(lambda: (h * 2).is_inference())())
