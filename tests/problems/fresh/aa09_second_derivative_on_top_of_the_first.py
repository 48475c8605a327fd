import torch


def f(x):
    return (3.0 * x).exp()


x = torch.tensor(0.5, requires_grad=True)
y = f(x)
y.backward(create_graph=True)
dydx = x.grad
dydx.backward()
d2ydx2 = x.grad
print("first", 3 * f(x).item())
print("second", d2ydx2.item(), "should be", 9 * f(x).item())
