import torch
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8))
classifier = nn.Linear(8, 2)

for layer in encoder.children():
    layer.requires_grad = False

opt = torch.optim.SGD(list(encoder.parameters()) + list(classifier.parameters()), lr=0.1)
x, y = torch.randn(20, 4), torch.randint(0, 2, (20,))
for _ in range(5):
    opt.zero_grad()
    nn.functional.cross_entropy(classifier(encoder(x)), y).backward()
    opt.step()
