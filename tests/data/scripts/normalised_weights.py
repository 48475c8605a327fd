import torch, torch.nn as nn, warnings

warnings.simplefilter("ignore")
from torch.nn.utils import weight_norm, spectral_norm, remove_weight_norm, remove_spectral_norm
from torch.nn.utils import parametrize, parametrizations as P

torch.manual_seed(0)
x = torch.randn(4, 3)
m = weight_norm(nn.Linear(3, 2))
print(m, [n for n, _ in m.named_parameters()], m.weight_g, m.weight_v.shape)
o = torch.optim.SGD(m.parameters(), lr=0.1)
for i in range(2):
    o.zero_grad()
    m(x).pow(2).sum().backward()
    o.step()
print(m.weight_g, m.weight_v, m.weight.detach())
remove_weight_norm(m)
print(m.weight, [n for n, _ in m.named_parameters()])
c = weight_norm(nn.Conv1d(2, 3, 2), dim=1)
print(c.weight_g.shape, c(torch.ones(1, 2, 4)).detach())
s = spectral_norm(nn.Linear(3, 2))
print(s, sorted(s.state_dict()))
for i in range(3):
    s.zero_grad()
    s(x).sum().backward()
print(s.weight.detach(), s.weight_orig.grad, s.weight_u, s.weight_v)
s.eval()
print(s(x).detach())
remove_spectral_norm(s)
print(s.weight, sorted(s.state_dict()))


class Sym(nn.Module):
    def forward(self, X):
        return X.triu() + X.triu(1).transpose(-1, -2)


l = nn.Linear(3, 3)
parametrize.register_parametrization(l, "weight", Sym())
print(l, torch.allclose(l.weight, l.weight.T), [n for n, _ in l.named_parameters()], parametrize.is_parametrized(l), type(l).__name__)
l(x).sum().backward()
print(l.parametrizations.weight.original.grad)


class Exp(nn.Module):
    def forward(self, X):
        return X.exp()

    def right_inverse(self, A):
        return A.log()


parametrize.register_parametrization(l, "bias", Exp()) if False else None
k = nn.Linear(2, 2)
k.weight.data.abs_()
parametrize.register_parametrization(k, "weight", Exp())
print(k.weight)
k.weight = torch.full((2, 2), 2.0)
print(k.weight, k.parametrizations.weight.original)
with parametrize.cached():
    print((k.weight is k.weight))
parametrize.remove_parametrizations(k, "weight")
print(k, k.weight)
w = P.weight_norm(nn.Linear(3, 2))
print(w, sorted(w.state_dict()))
w(x).sum().backward()
print(w.parametrizations.weight.original0.grad, w.parametrizations.weight.original1.grad)
sp = P.spectral_norm(nn.Linear(3, 2), n_power_iterations=2)
print(sp, sorted(sp.state_dict()))
print(sp(x).detach(), sp.weight.detach())
