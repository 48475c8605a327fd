import torch
from torch import nn

torch.manual_seed(0)


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr, maximize=True)
        self.losses = []

    def step(self, batch, labels):
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.model(batch), labels)
        loss.backward()
        self.optimizer.step()
        self.losses.append(loss.item())

    def fit(self, x, y, epochs):
        for _ in range(epochs):
            self.step(x, y)
        return self.losses


x = torch.randn(40, 4)
y = (x[:, 0] > 0).long()
trainer = Trainer(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)), lr=0.1)
print(trainer.fit(x, y, 12))
