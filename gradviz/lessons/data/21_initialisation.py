# how large should the first weights be?
import torch

torch.manual_seed(0)

data = torch.randn(8, 16)
weights = [torch.randn(16, 16) / 4 for layer in range(5)]


def gradient_at_the_input(scale):
    x = data.clone().requires_grad_()
    h = torch.tanh(x @ (weights[0] * scale))
    for w in weights[1:]:
        h = torch.tanh(h @ (w * scale))
    (h * data).sum().backward()
    return x.grad.norm()


small = gradient_at_the_input(0.3)
good = gradient_at_the_input(1.0)
large = gradient_at_the_input(6.0)
print(f"{small:.3f} {good:.3f} {large:.3f}")
