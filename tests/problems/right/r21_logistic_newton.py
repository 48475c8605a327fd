import torch

torch.manual_seed(19)
X = torch.randn(50, 2)
y = (X @ torch.tensor([1.5, -1.0]) + 0.3 * torch.randn(50) > 0).float()
w = torch.zeros(2, requires_grad=True)


def nll(w):
    return torch.nn.functional.binary_cross_entropy_with_logits(X @ w, y) + 0.01 * w.dot(w)


for _ in range(5):
    loss = nll(w)
    (g,) = torch.autograd.grad(loss, w, create_graph=True)
    H = torch.stack([torch.autograd.grad(gi, w, retain_graph=True)[0] for gi in g])
    with torch.no_grad():
        w -= torch.linalg.solve(H, g)
print(w)
