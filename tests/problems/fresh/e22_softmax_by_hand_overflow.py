import torch

torch.manual_seed(11)


def softmax(scores):
    e = torch.exp(scores)
    return e / e.sum(dim=-1, keepdim=True)


def attention(q, k, v):
    return softmax(q @ k.T) @ v


q = torch.randn(4, 8) * 8
k = torch.randn(4, 8) * 8
v = torch.randn(4, 8, requires_grad=True)
q.requires_grad_()
attention(q, k, v).sum().backward()
print(q.grad)
