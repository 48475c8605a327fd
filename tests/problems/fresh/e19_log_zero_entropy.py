import torch

logits = torch.tensor([[200.0, 0.0, 0.0], [1.0, 2.0, 3.0]], requires_grad=True)
p = torch.softmax(logits, dim=1)
entropy = -(p * torch.log(p)).sum(dim=1)
entropy.mean().backward()
print(entropy, logits.grad)
