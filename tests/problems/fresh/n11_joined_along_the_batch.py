import torch
import torch.nn as nn


class TwoTowers(nn.Module):
    def __init__(self):
        super().__init__()
        self.image = nn.Sequential(nn.Linear(12, 16), nn.ReLU())
        self.tabular = nn.Sequential(nn.Linear(5, 16), nn.ReLU())
        self.classifier = nn.Linear(16, 2)

    def forward(self, img, tab):
        a = self.image(img)
        b = self.tabular(tab)
        both = torch.cat((a, b))
        return self.classifier(both)


torch.manual_seed(0)
model = TwoTowers()
img, tab = torch.randn(20, 12), torch.randn(20, 5)
labels = torch.randint(2, (20,))
optimizer = torch.optim.Adam(model.parameters())
optimizer.zero_grad()
loss = nn.CrossEntropyLoss()(model(img, tab), labels)
loss.backward()
optimizer.step()
