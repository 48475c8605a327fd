import torch
from torch import nn
from torch.optim.optimizer import Optimizer
from torch.utils.checkpoint import checkpoint

torch.manual_seed(0)


class Adam(Optimizer):
    def __init__(self, params, lr=0.01, betas=(0.9, 0.99)):
        super().__init__(params, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for param in group["params"]:
                grad, state = param.grad.data, self.state[param]
                if not state:
                    state["step"], state["m"], state["v"] = 0, torch.zeros_like(param), torch.zeros_like(param)
                state["step"] += 1
                first, second = group["betas"]
                m = state["m"].mul_(first).add_(grad, alpha=1 - first)
                v = state["v"].mul_(second).addcmul_(grad, grad, value=1 - second)
                corrected = (v / (1 - second ** state["step"])).sqrt().add_(1e-8)
                param.data.addcdiv_(m, corrected, value=-group["lr"] / (1 - first ** state["step"]))


class Lookahead(Optimizer):
    def __init__(self, base):
        self.base = base

    def step(self):
        self.base.step()


body, head = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh()), nn.Linear(8, 1)
x = torch.randn(32, 4)
y = x.sin().sum(1, keepdim=True)
optimizer = Adam([*body.parameters(), *head.parameters()])
for _ in range(8):
    loss = (head(checkpoint(body, x.requires_grad_(), use_reentrant=True)) - y).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"{loss:.4f}")
