import torch
from torch import nn


class Wrapper:
    def __init__(self, params, lr):
        self.inner = torch.optim.SGD(params, lr=lr, momentum=0.9)

    def backward_and_step(self, loss):
        self.inner.zero_grad()
        loss.backward()
        self.inner.step()

    def step(self):
        self.inner.step()


torch.manual_seed(35)
model = nn.Linear(3, 1)
wrapper = Wrapper(model.parameters(), 0.01)
x, y = torch.randn(20, 3), torch.randn(20, 1)
for it in range(6):
    loss = nn.functional.mse_loss(model(x), y)
    wrapper.backward_and_step(loss)
    wrapper.step()
    print(round(loss.item(), 2))
