import torch


class TwoLayerNet:
    """Assignment 2: a two-layer net, weights in a dictionary."""

    def __init__(self, din, hidden, dout):
        self.params = {
            "W1": (torch.randn(din, hidden) * 0.1).requires_grad_(),
            "b1": torch.zeros(hidden, requires_grad=True),
            "W2": (torch.randn(hidden, dout) * 0.1).requires_grad_(),
            "b2": torch.zeros(dout, requires_grad=True),
        }

    def loss(self, X, y):
        h = (X @ self.params["W1"] + self.params["b1"]).clamp(min=0)
        scores = h @ self.params["W2"] + self.params["b2"]
        return torch.nn.functional.cross_entropy(scores, y)

    def train(self, X, y, learning_rate=0.5, num_iters=15):
        for it in range(num_iters):
            loss = self.loss(X, y)
            loss.backward()
            with torch.no_grad():
                for name in self.params:
                    self.params[name] -= learning_rate * self.params[name].grad
            print(it, round(loss.item(), 2))


torch.manual_seed(2)
net = TwoLayerNet(6, 12, 4)
net.train(torch.randn(40, 6), torch.randint(0, 4, (40,)))
