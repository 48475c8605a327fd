import io

import torch
import torch.nn as nn


def make():
    return nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3))


class Wrapper(nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        return self.module(x)


torch.manual_seed(0)
trained = Wrapper(make())
file = io.BytesIO()
torch.save(trained.state_dict(), file)
file.seek(0)

# fine-tune in another script
model = make()
model.load_state_dict(torch.load(file), strict=False)
x, y = torch.randn(30, 6), torch.randint(3, (30,))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(4):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
