import torch

torch.manual_seed(0)
t = torch.linspace(0, 4, 30)
signal = 2.0 * torch.exp(-0.7 * t) + 0.3

amplitude = torch.tensor(1.0, requires_grad=True)
rate = torch.tensor(0.2, requires_grad=True)
offset = torch.tensor(0.0, requires_grad=True)
optimizer = torch.optim.LBFGS([amplitude, rate, offset], lr=0.5, max_iter=5)


def closure():
    model = amplitude * torch.exp(-rate * t) + offset
    loss = ((model - signal) ** 2).mean()
    loss.backward()
    return loss


for epoch in range(6):
    loss = optimizer.step(closure)
    print(epoch, f"{loss.item():.3g} {amplitude.item():.3g} {rate.item():.3g}")
