import copy
import torch
from torch import nn


def local(model, x, y):
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return model.state_dict()


torch.manual_seed(3)
server = nn.Linear(5, 3)
clients = [(torch.randn(20, 5), torch.randint(0, 3, (20,))) for _ in range(3)]
worker = copy.deepcopy(server)
for round_ in range(5):
    states = []
    for x, y in clients:
        worker.load_state_dict(server.state_dict())
        states.append(copy.deepcopy(local(worker, x, y)))
    mean = {k: torch.stack([s[k] for s in states]).mean(0) for k in states[0]}
    server.load_state_dict(mean)
    print(round_, nn.functional.cross_entropy(server(clients[0][0]), clients[0][1]).item())
