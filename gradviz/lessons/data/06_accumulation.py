# backward() adds to .grad; only you empty it
import torch

weights = torch.ones(3, requires_grad=True)
for epoch in range(3):
    model_output = (weights * 3).sum()
    model_output.backward()
    print(weights.grad)

w = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = (w * 3).sum()
    out.backward()
    print(w.grad)
    w.grad.zero_()
