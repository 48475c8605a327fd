# the same with another factor
import torch

torch.manual_seed(0)
k = torch.randint(2, 9, (1,)).item()

weights = torch.ones(3, requires_grad=True)
for epoch in range(3):
    model_output = (weights * k).sum()
    model_output.backward()
    print(weights.grad)

w = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (w * k).sum()
    out.backward()
    print(w.grad)
    w.grad.zero_()
