import torch

torch.manual_seed(0)
x = torch.linspace(0, 3, 25)
y = 1.5 * torch.exp(-0.8 * x)
theta = {"a": torch.ones((), requires_grad=True), "k": torch.full((), 0.3, requires_grad=True)}
solver = torch.optim.LBFGS(list(theta.values()), line_search_fn="strong_wolfe", max_iter=8)


def make_closure(solver, fit, goal):
    def closure():
        solver.zero_grad()
        residual = fit() - goal
        error = residual @ residual
        error.backward()
        return error

    return closure


closure = make_closure(solver, lambda: theta["a"] * torch.exp(-theta["k"] * x), y)
for _ in range(4):
    error = solver.step(closure)
print(error.item(), theta["k"].item())
