import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset


class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        self.scheduler = StepLR(self.optimizer, step_size=1, gamma=0.5)
        self.criterion = nn.CrossEntropyLoss()

    def train_one_epoch(self, loader):
        total = 0.0
        for data, target in loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(data), target)
            loss.backward()
            self.optimizer.step()
            self.scheduler.step()
            total += loss.item()
        return total / len(loader)

    def fit(self, loader, epochs):
        for epoch in range(epochs):
            print(epoch, round(self.train_one_epoch(loader), 3))


torch.manual_seed(9)
data = TensorDataset(torch.randn(80, 4), torch.randint(0, 3, (80,)))
Trainer(nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 3))).fit(DataLoader(data, batch_size=8), epochs=4)
