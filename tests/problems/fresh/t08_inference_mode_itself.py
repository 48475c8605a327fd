import torch
from torch import inference_mode, nn

net = nn.Linear(2, 1)


def evaluate(x):
    with inference_mode:
        return net(x).mean().item()


loss = net(torch.ones(3, 2)).mean()
loss.backward()
print(evaluate(torch.ones(1, 2)))
