"""Functions that torch has besides torch.nn.functional: their reductions are numbers, and without one nothing is summed."""

import torch

torch.manual_seed(0)
x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
y = torch.rand(3, 4, dtype=torch.float64)
sides = torch.where(y > 0.5, 1.0, -1.0).double()
rows = sides[:, 0]


def show(name, loss):
    (gradient,) = torch.autograd.grad(loss.sum(), x, create_graph=True)
    second = torch.autograd.grad((gradient**2).sum(), x)[0] if gradient.requires_grad else None
    print(name, tuple(loss.shape), loss.grad_fn.name())
    print([round(v, 4) for v in (loss.sum().item(), gradient.sum().item(), 0.0 if second is None else second.sum().item())])


show("kl_div", torch.kl_div(x, y))
for reduction in (0, 1, 2):
    show("kl_div", torch.kl_div(x, y, reduction, log_target=True))
    show("hinge", torch.hinge_embedding_loss(x, sides, 1.0, reduction))
    show("ranking", torch.margin_ranking_loss(x, y, sides, 0.1, reduction))
    show("cosine", torch.cosine_embedding_loss(x, y, rows, 0.1, reduction))
    show("triplet", torch.triplet_margin_loss(x, y, sides, reduction=reduction))
    show("logits", torch.binary_cross_entropy_with_logits(x, y, None, y[0], reduction))
    show("poisson", torch.poisson_nll_loss(x, y, True, True, 1e-8, reduction))

letters = torch.randn(6, 2, 4, dtype=torch.float64).log_softmax(-1)
print(torch.ctc_loss(letters, torch.tensor([[1, 2], [2, 3]]), (6, 5), (2, 1)).shape)
print(torch.ctc_loss(letters, torch.tensor([[1, 2], [2, 3]]), (6, 5), (2, 1), 0, 1))

mean, var = torch.zeros(4), torch.ones(4)
pictures = torch.randn(2, 4, 5)
for training in (True, False):
    print(torch.batch_norm(pictures, var, mean, mean, var, training, 0.1, 1e-5, True).std().round(decimals=4))
    print(torch.instance_norm(pictures, None, None, mean, var, training, 0.1, 1e-5, True).std().round(decimals=4))
print(mean, var)
one = torch.batch_norm(pictures[:1, :, :1], None, None, None, None, True, 0.1, 1e-5, True)
print(one.flatten())  # torch.nn.functional refuses a batch of one, this does not

w = torch.ones(4, requires_grad=True)
try:
    torch.nn.functional.cross_entropy(pictures[0].T, torch.tensor([0, 1, 2, 3, 0]), w)
except RuntimeError as refused:
    print(refused)
