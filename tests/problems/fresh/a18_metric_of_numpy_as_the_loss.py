import numpy as np
import torch


def rmse(pred, actual):
    return np.sqrt(np.mean((pred.numpy() - actual.numpy()) ** 2))


torch.manual_seed(16)
model = torch.nn.Linear(2, 1)
optim = torch.optim.SGD(model.parameters(), lr=0.01)
X = torch.from_numpy(np.random.RandomState(0).randn(20, 2).astype("float32"))
Y = X.sum(1, keepdim=True)
for epoch in range(3):
    optim.zero_grad()
    loss = rmse(model(X), Y)
    loss.backward()
    optim.step()
