import torch

torch.manual_seed(25)
w = torch.randn(3, requires_grad=True)
xs = torch.randn(5, 3)
running = torch.zeros(())
for x in xs:
    running = running + (x @ w - 1) ** 2
    running.backward(retain_graph=True)
print(w.grad)
