import torch

torch.manual_seed(0)
w = torch.randn(2, 3, requires_grad=True)
x = torch.randn(4, 2)
y = torch.tensor([0, 1, 2, 0])
p = torch.log_softmax(x @ w, dim=0)
loss = torch.nn.functional.nll_loss(p, y)
loss.backward()
