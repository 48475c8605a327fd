import torch

torch.manual_seed(0)
T, B, H = 5, 3, 4
Wx = (torch.randn(2, H) * 0.5).requires_grad_()
Wh = (torch.randn(H, H) * 0.5).requires_grad_()
Wo = (torch.randn(H, 1) * 0.5).requires_grad_()


def unroll(inputs):
    states = torch.zeros(T + 1, B, H)
    for t in range(T):
        states[t + 1] = torch.tanh(inputs[t] @ Wx + states[t] @ Wh)
    return states[1:]


inputs = torch.randn(T, B, 2)
targets = inputs.sum(dim=2, keepdim=True).cumsum(dim=0)
for it in range(3):
    outputs = unroll(inputs) @ Wo
    loss = ((outputs - targets) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (Wx, Wh, Wo):
            p -= 0.05 * p.grad
            p.grad = None
    print(it, loss.item())
