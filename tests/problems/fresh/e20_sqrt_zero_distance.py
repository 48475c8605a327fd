import torch


def pairwise(points):
    diff = points[:, None, :] - points[None, :, :]
    return diff.pow(2).sum(-1).sqrt()


points = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]], requires_grad=True)
loss = (pairwise(points) - 1.0).pow(2).mean()
loss.backward()
print(points.grad)
