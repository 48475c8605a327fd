import torch
from torch import nn


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(9, 18), nn.ReLU())
        self.fc = nn.Linear(18, 1000)

    def forward(self, x):
        return self.fc(self.body(x))


def load_pretrained():
    torch.manual_seed(101)
    return Backbone()


def configure(model):
    return torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)


def adapt(model, classes):
    for p in model.body.parameters():
        p.requires_grad = False
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


model = load_pretrained()
optimizer = configure(model)
model = adapt(model, 4)
x, y = torch.randn(32, 9), torch.randint(0, 4, (32,))
for epoch in range(6):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
