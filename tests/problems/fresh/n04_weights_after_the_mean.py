import torch
import torch.nn.functional as F

torch.manual_seed(2)
x = torch.randn(64, 6)
labels = (x[:, 0] > 1.0).float()  # few positives
importance = torch.where(labels == 1, 5.0, 1.0)

w = torch.zeros(6, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.3)


def weighted_bce(logits, labels, importance):
    loss = F.binary_cross_entropy_with_logits(logits, labels)
    return (loss * importance).mean()


for it in range(12):
    opt.zero_grad()
    loss = weighted_bce(x @ w + b, labels, importance)
    loss.backward()
    opt.step()
print("loss", loss.item(), "recall", ((x @ w + b > 0) & (labels == 1)).sum().item() / labels.sum().item())
