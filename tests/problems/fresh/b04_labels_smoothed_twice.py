import torch
import torch.nn.functional as F

torch.manual_seed(3)
W = torch.zeros(5, 3, requires_grad=True)
x = torch.randn(60, 5)
y = x[:, :3].argmax(dim=1)
for it in range(30):
    logits = x @ W
    one_hot = F.one_hot(y, 3)
    p = F.softmax(logits, dim=1)
    loss = -(one_hot * p).log().sum(1).mean()
    loss.backward()
    with torch.no_grad():
        W -= 0.5 * W.grad
        W.grad.zero_()
print(loss)
