import torch
import torch.nn.functional as F

torch.manual_seed(20)
n, d = 4, 6
tokens = torch.randn(n, d, requires_grad=True)
wq, wk, wv = (torch.randn(d, d, requires_grad=True) for _ in range(3))
mask = torch.triu(torch.ones(n, n), diagonal=0).bool()
scores = (tokens @ wq) @ (tokens @ wk).T / d**0.5
scores = scores.masked_fill(mask, float("-inf"))
att = F.softmax(scores, dim=-1)
out = att @ (tokens @ wv)
out.sum().backward()
print(tokens.grad)
