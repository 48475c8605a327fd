import torch
from torch import nn

torch.manual_seed(15)


class Trainer(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 3)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, x):
        return self.body(x)

    def loss(self, x, y):
        return self.loss(self.body(x), y)


t = Trainer()
opt = torch.optim.SGD(t.parameters(), lr=0.1)
x, y = torch.randn(10, 4), torch.randint(0, 3, (10,))
for i in range(3):
    l = t.loss(x, y)
    opt.zero_grad()
    l.backward()
    opt.step()
print(t.parameters[0])
