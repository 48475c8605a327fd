import torch

torch.manual_seed(19)
model = torch.nn.Linear(2, 1)
x, y = torch.randn(16, 2), torch.randn(16, 1)


def train_step(model, x, y):
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    opt.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
    return loss.item()


history = [train_step(model, x, y) for _ in range(5)]
print([round(loss, 3) for loss in history])
