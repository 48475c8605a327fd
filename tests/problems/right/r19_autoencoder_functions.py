import torch

torch.manual_seed(17)


def init(n_in, n_out):
    w = torch.randn(n_in, n_out) / n_in**0.5
    return w.requires_grad_(), torch.zeros(n_out, requires_grad=True)


def forward(params, x):
    for w, b in params[:-1]:
        x = torch.tanh(x @ w + b)
    w, b = params[-1]
    return x @ w + b


params = [init(5, 3), init(3, 5)]
x = torch.randn(40, 5)
for step in range(20):
    loss = (forward(params, x) - x).pow(2).mean()
    grads = torch.autograd.grad(loss, [p for pair in params for p in pair])
    with torch.no_grad():
        for p, g in zip([p for pair in params for p in pair], grads):
            p -= 0.1 * g
print(loss)
