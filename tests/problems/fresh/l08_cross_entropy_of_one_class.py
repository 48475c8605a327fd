from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Config:
    features: int = 6
    hidden: int = 16
    lr: float = 0.05
    epochs: int = 6


def make_data(cfg):
    x = torch.randn(50, cfg.features)
    return x, torch.zeros(50).masked_fill(x[:, 0] > 0, 1.0).unsqueeze(1)


def train(cfg):
    torch.manual_seed(0)
    x, y = make_data(cfg)
    model = nn.Sequential(nn.Linear(cfg.features, cfg.hidden), nn.ReLU(), nn.Linear(cfg.hidden, 1))
    criterion = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(model.parameters(), lr=cfg.lr)
    history = []
    for _ in range(cfg.epochs):
        opt.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        opt.step()
        history.append(loss.item())
    return history


print(train(Config()))
