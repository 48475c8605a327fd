"""Second derivatives where a function has a corner: what a penalty on the length of a gradient runs into."""

import torch
from torch.nn import functional as F

CASES = {
    "norm": lambda x: x.norm(),
    "norm of rows": lambda x: torch.linalg.vector_norm(x.view(2, 2), dim=1).sum(),
    "norm 1.5": lambda x: x.norm(1.5),
    "norm 3": lambda x: x.norm(3),
    "norm 0.5": lambda x: x.norm(0.5),
    "dist": lambda x: torch.dist(x, torch.zeros(4)),
    "normalize": lambda x: F.normalize(x, dim=0).sum(),
    "sinc": lambda x: torch.sinc(x).sum(),
    "atan2": lambda x: torch.atan2(x, 2 * x).sum(),
    "copysign": lambda x: torch.copysign(x, torch.ones(4)).sum(),
    "logit": lambda x: torch.logit(x).sum(),
    "logit with eps": lambda x: torch.logit(x, 0.1).sum(),
    "elu": lambda x: F.elu(x).sum(),
    "celu": lambda x: F.celu(x, 0.7).sum(),
    "selu": lambda x: F.selu(x).sum(),
    "elu in place": lambda x: F.elu(x * 1, inplace=True).sum(),
    "fmod": lambda x: torch.fmod(x + 1, x).sum(),
    "power": lambda x: ((x - 1) ** (x * 0)).sum(),
}


def rounded(x):
    return None if x is None else [round(v, 4) + 0.0 for v in x.tolist()]


for name, function in CASES.items():
    for values in ([0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.25, -2.0]):
        x = torch.tensor(values, requires_grad=True)
        (slope,) = torch.autograd.grad(function(x), x, create_graph=True)
        print(name, rounded(slope), end=" ")
        (slope * torch.tensor([1.0, -2.0, 0.5, 3.0])).sum().backward()
        print(rounded(x.grad))
