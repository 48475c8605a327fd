# trust but verify: the analytic gradient against a difference quotient
import torch

torch.manual_seed(0)

x = (torch.rand(1) + 1).requires_grad_()
y = torch.sin(x) * x
y.backward()

with torch.no_grad():
    eps = 0.01
    near = (torch.sin(x + eps) * (x + eps) - torch.sin(x - eps) * (x - eps)) / (2 * eps)
    tiny = 0.000001
    rough = (torch.sin(x + tiny) * (x + tiny) - torch.sin(x - tiny) * (x - tiny)) / (2 * tiny)
    d = x.double()
    fine = (torch.sin(d + tiny) * (d + tiny) - torch.sin(d - tiny) * (d - tiny)) / (2 * tiny)

print(f"{x.grad.item():.3f} {near.item():.3f} {fine.item():.3f}")
