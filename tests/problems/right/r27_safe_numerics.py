import torch

torch.manual_seed(23)
logits = torch.randn(6, 4, requires_grad=True)
logp = torch.log_softmax(logits * 20, dim=1)
entropy = -(logp.exp() * logp).sum(1).mean()
pts = torch.randn(5, 2, requires_grad=True)
d = ((pts[:, None] - pts[None]).pow(2).sum(-1) + 1e-8).sqrt()
z = torch.tensor([0.0, 4.0, -1.0], requires_grad=True)
safe = torch.where(z > 0, z, torch.ones_like(z))
root = torch.where(z > 0, safe.sqrt(), torch.zeros_like(z))
(entropy + d.mean() + root.sum()).backward()
print(logits.grad.norm(), pts.grad.norm(), z.grad)
