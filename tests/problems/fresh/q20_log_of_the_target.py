import torch
import torch.nn.functional as F

torch.manual_seed(0)
logits = torch.zeros(6, 5, requires_grad=True)
opt = torch.optim.SGD([logits], lr=0.5)
p = torch.randn(6, 5).softmax(-1)
for _ in range(5):
    loss = F.kl_div(logits.log_softmax(-1), p.log(), reduction="sum")
    opt.zero_grad()
    loss.backward()
    opt.step()
