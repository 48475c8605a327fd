# (N, 1) minus (N,) is (N, N): no error, a wrong loss
import torch

torch.manual_seed(0)

x = torch.randn(5, 1)
target = 3 * x.squeeze(1)
w = torch.ones(1, 1, requires_grad=True)

pred = x @ w
diff = pred - target
loss = (diff**2).mean()
loss.backward()
print(diff.shape, f"{loss.item():.4f}", w.grad)

# as it was meant
v = torch.ones(1, 1, requires_grad=True)
good = (x @ v).squeeze(1)
error = good - target
right = (error**2).mean()
right.backward()
print(error.shape, f"{right.item():.4f}", v.grad)
