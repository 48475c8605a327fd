"""What people ask about in forums: calls that fail, and what their errors say."""

import io
import os
import tempfile
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import distributions as D
from torch.autograd import functional

warnings.simplefilter("ignore")
torch.manual_seed(0)


def tell(call):
    try:
        print("ok", call())
    except Exception as e:
        print(type(e).__name__, e)


# the hidden state of an LSTM goes on into the next step, over weights that were moved
for layer in (nn.LSTM(6, 5), nn.LSTM(6, 5, 2, bidirectional=True), nn.LSTM(6, 5, bias=False), nn.LSTM(6, 5, proj_size=2), nn.GRU(6, 5)):
    hidden = None

    def two_steps():
        global hidden
        for _ in range(2):
            out, hidden = layer(torch.ones(3, 1, 6), hidden)
            layer.zero_grad()
            out.sum().backward(retain_graph=True)
            with torch.no_grad():
                for p in layer.parameters():
                    p -= p.grad

    tell(two_steps)

# inputs of grad and backward by name
a, b = torch.ones(2, requires_grad=True), torch.ones(1, requires_grad=True)
tell(lambda: torch.autograd.grad((a * 2).sum(), {"a": a}))
tell(lambda: torch.autograd.grad((a * 2).sum(), {"a": a, "b": b}))
tell(lambda: torch.autograd.grad((a * 2).sum(), {"a": a, "b": b}, allow_unused=True))
tell(lambda: torch.autograd.grad(a * 2, {"a": a}, torch.eye(2), is_grads_batched=True))
tell(lambda: torch.autograd.grad(a.sum(), {}))
tell(lambda: (a * 2).sum().backward(inputs={"a": a}))
print(a.grad)
tell(lambda: a.backward(inputs=[]))

# what hooks of modules return
x = torch.ones(2, 2, requires_grad=True)
for answer in (lambda g: (g[0], g[0]), lambda g: g[0], lambda g: 3, lambda g: (g[0] * 2,)):
    layer = nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda module, grad_in, grad_out: answer(grad_in))
    tell(lambda: layer(x).sum().backward())
layer = nn.Linear(2, 1)
layer.register_full_backward_pre_hook(lambda module, grad_out: 3)
tell(lambda: layer(x).sum().backward())


# custom Functions: an older name, and vmap
class Double(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x * 2

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        print(len(ctx.saved_variables))
        return g * 2


class Ruled(Double):
    generate_vmap_rule = True


class Twice(Ruled):
    @staticmethod
    def vmap(info, in_dims, x):
        return Twice.apply(x), in_dims[0]


Double.apply(a).sum().backward()
for function in (Double, Ruled, Twice):
    tell(lambda: torch.func.vmap(function.apply)(a.detach()))
tell(lambda: torch.func.grad(lambda x: (x.sum(), x), has_aux=True)(a.detach()))
tell(lambda: functional.jacobian(lambda x: x**2, a, strategy="forward-mode"))
tell(lambda: functional.jacobian(lambda x: x**2, a, strategy="forward-mode", vectorize=True, strict=True))

# masks and sizes of attention
attention, x = nn.MultiheadAttention(4, 2, batch_first=True), torch.randn(2, 3, 4)
tell(lambda: attention(x, x, x, is_causal=True))
tell(lambda: nn.MultiheadAttention(4, 2, kdim=3, vdim=5)(x, torch.randn(2, 3, 4), torch.randn(2, 3, 5)))
tell(lambda: nn.BCEWithLogitsLoss(pos_weight=torch.tensor([2.0, 3.0]))(torch.zeros(4, 1), torch.ones(4, 1)))
tell(lambda: F.binary_cross_entropy(torch.rand(4, 1), torch.ones(4, 1), weight=torch.ones(2)))

# the state of one optimizer given to another, and files
w = nn.Parameter(torch.ones(2))
w.grad = torch.ones(2)
for kind, options in ((torch.optim.Adam, {}), (torch.optim.SGD, {}), (torch.optim.Adadelta, {})):
    optimizer = kind([w], lr=0.1, **options)
    other = torch.optim.SGD if kind is not torch.optim.SGD else torch.optim.Adam
    optimizer.load_state_dict(other([w], lr=0.2).state_dict())
    tell(optimizer.step)
rms = torch.optim.RMSprop([w])
state = rms.state_dict()
del state["param_groups"][0]["momentum"], state["param_groups"][0]["maximize"]
rms.load_state_dict(state)
tell(rms.step)
packed = nn.utils.rnn.pack_sequence([torch.ones(3), torch.ones(2)])
print(packed.to("cpu") is packed, packed.to(torch.float64).data.dtype)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "empty.pt")
    open(path, "w").close()
    tell(lambda: torch.load(path))
tell(lambda: torch.load(io.BytesIO()))

# divergences
tell(lambda: D.kl_divergence(D.Normal(0.0, 1.0), D.Bernoulli(0.3)))
tell(lambda: D.kl_divergence(D.Normal(0.0, 1.0), D.Normal(1.0, 2.0)))
tell(lambda: D.kl_divergence(D.Normal(0.0, 1.0), D.Cauchy(0.0, 1.0)))
