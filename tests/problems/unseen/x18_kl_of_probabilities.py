import torch
import torch.nn.functional as F

torch.manual_seed(0)
logits = torch.randn(2, 3, requires_grad=True)
target = torch.softmax(torch.randn(2, 3), dim=1)
loss = F.kl_div(torch.softmax(logits, dim=1), target, reduction="batchmean")
loss.backward()
print(loss)
