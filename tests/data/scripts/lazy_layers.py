import torch, torch.nn as nn, warnings

warnings.simplefilter("ignore")
torch.manual_seed(0)
m = nn.Sequential(
    nn.LazyConv2d(4, 3, padding=1), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(5), nn.ReLU(), nn.LazyLinear(2, bias=False)
)
print(m)
print(m[0].weight, m[4].has_uninitialized_params())
try:
    m[0].weight.shape
except RuntimeError as e:
    print(e)
o = None
y = m(torch.randn(2, 3, 6, 6))
print(m)
print(y)
o = torch.optim.SGD(m.parameters(), lr=0.1)
y.sum().backward()
o.step()
print(
    m[0].weight.shape,
    m[0].weight[0, 0, 0],
    m[6].weight,
    type(m[4]),
    m[4].has_uninitialized_params() if hasattr(m[4], "has_uninitialized_params") else "gone",
)
t = nn.LazyConvTranspose1d(3, 4, stride=2)
print(t, t(torch.randn(1, 2, 5)).shape, t)
b = nn.LazyBatchNorm1d(affine=False)
print(b)
b(torch.randn(4, 3))
print(b, b.running_mean.shape)
try:
    nn.LazyConv2d(4, 3)(torch.randn(3, 3))
except Exception as e:
    print(type(e).__name__, e)
