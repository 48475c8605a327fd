"""Tables of which few rows are looked up: their gradients are those rows, and so are the steps."""

import torch
import torch.nn.functional as F

torch.manual_seed(0)
words = torch.tensor([[1, 3], [3, 2]])
table = torch.nn.Embedding(6, 2, sparse=True)
print(table)


def shown(action):
    try:
        print(action())
    except Exception as problem:
        print(type(problem).__name__, str(problem)[:90])


(table(words) ** 2).sum().backward()
print(table.weight.grad, table.weight.grad.is_coalesced())
(table(torch.tensor([4, 1])) ** 2).sum().backward()  # the smaller of two heads goes first
print(table.weight.grad)
(table(torch.tensor([4, 1])) * 3).sum().backward()  # an expanded gradient stands behind
print(table.weight.grad)
print(table.weight.grad.coalesce(), table.weight.grad.to_dense())
table.weight.sum().backward()
print(table.weight.grad.layout)
table.weight.grad = None
((table(words) ** 2).sum() + (table(torch.tensor([3, 5, 0])) ** 2).sum()).backward()
print(table.weight.grad._indices())
table.zero_grad(set_to_none=False)
print(table.weight.grad)

table.weight.grad = None
doubled = table.weight.register_hook(lambda g: g * 2)
table(words).sum().backward()
doubled.remove()
print(table.weight.grad)
print(torch.autograd.grad(table(words).sum(), table.weight)[0]._nnz())

weight = torch.randn(4, 2, requires_grad=True)
for options in {"padding_idx": 3}, {"scale_grad_by_freq": True}:
    weight.grad = None
    shown(lambda: F.embedding(words, weight, sparse=True, **options).sum().backward() or weight.grad)
for mode, options in (
    ("sum", {}),
    ("mean", {"padding_idx": 3}),
    ("max", {}),
    ("sum", {"per_sample_weights": torch.tensor([[1.0, 2.0], [3.0, 4.0]])}),
):
    weight.grad = None
    shown(lambda: F.embedding_bag(words, weight, sparse=True, mode=mode, **options).sum().backward() or weight.grad)

weight.grad = None
F.embedding(words, weight, sparse=True).pow(2).sum().backward()
sparse = weight.grad.clone()
for name in "SGD Adam AdamW NAdam RAdam Adamax RMSprop Rprop Adadelta ASGD Adagrad SparseAdam Adafactor Muon".split():
    for options in {}, {"maximize": True}, {"weight_decay": 0.1}, {"momentum": 0.9}:
        moved = weight.detach().clone().requires_grad_()
        moved.grad = sparse.clone()
        try:
            optimizer = getattr(torch.optim, name)([moved], **options)
            optimizer.step()
            moved.grad = sparse.clone()
            optimizer.step()
            print(name, options, moved.detach())
        except (RuntimeError, TypeError) as problem:
            print(name, options, type(problem).__name__, problem)

optimizer = torch.optim.SparseAdam(table.parameters(), lr=0.1)
line = torch.nn.Linear(2, 1)
for step in range(4):
    optimizer.zero_grad()
    ((line(table(torch.tensor([step, 1, 1]))) - 1) ** 2).mean().backward()
    optimizer.step()
print(table.weight, optimizer, optimizer.state_dict())
weight.grad = torch.ones(4, 2)
shown(lambda: torch.optim.SparseAdam([weight]).step())
shown(lambda: torch.optim.SparseAdam([weight], lr=0.0))
shown(lambda: torch.optim.SparseAdam([weight], betas=(0.9, 1.0)))

g = sparse.clone()
weight = weight.detach()
for text in (
    "g.norm()", "g.mean()", "g + g", "g.mul_(2)", "g.add_(g)", "g.div_(4)", "g[1]", "g[1, 0]", "torch.isnan(g).any()", "g.tolist()", "g.item()", "g == 0", "g > g", "g.view(-1)",
    "g.reshape(-1)", "weight.sparse_mask(g.coalesce())", "weight - g", "weight.add_(g, alpha=-0.5)", "torch.zeros_like(g)", "g.unsqueeze(0)", "g.to_sparse_coo()._nnz()", "g.is_floating_point()",
    "g.contiguous()", "g.std()", "len(g)", "g.coalesce() + g.coalesce()", "g.zero_()",
):  # fmt: skip
    shown(lambda: (text, eval(text)))

clipped = torch.ones(4, 2, requires_grad=True)
F.embedding(words, clipped, sparse=True).sum().backward()
shown(lambda: torch.nn.utils.clip_grad_norm_([clipped], 1.0))
shown(lambda: torch.nn.utils.clip_grad_value_([clipped], 0.1))
torch.nn.utils.clip_grads_with_norm_([clipped], 0.5, torch.tensor(2.0))
print(clipped.grad)
