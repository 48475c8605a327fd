# backward frees what the forward pass saved
import torch

torch.manual_seed(0)

x = torch.randn(2, requires_grad=True)
y = x * x
out = y.sum()

out.backward()
print(x.grad)
try:
    out.backward()
except RuntimeError as e:
    print("Error:", e)

# keep it on purpose
w = torch.randn(2, requires_grad=True)
z = (w * w).sum()
z.backward(retain_graph=True)
print(w.grad)
z.backward()
print(w.grad)
