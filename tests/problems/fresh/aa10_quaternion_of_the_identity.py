import torch


def matrix_to_quaternion(m):
    zero = m.new_zeros((1,))
    m00, m11, m22 = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    o0 = 0.5 * torch.sqrt(torch.max(zero, 1 + m00 + m11 + m22))
    o1 = 0.5 * torch.sqrt(torch.max(zero, 1 + m00 - m11 - m22))
    o2 = 0.5 * torch.sqrt(torch.max(zero, 1 - m00 + m11 - m22))
    o3 = 0.5 * torch.sqrt(torch.max(zero, 1 - m00 - m11 + m22))
    return torch.stack((o0.squeeze(), o1.squeeze(), o2.squeeze(), o3.squeeze()))


matrix = torch.eye(3, requires_grad=True)
target = torch.Tensor([0.984808, 0, 0.174, 0])
optimizer = torch.optim.Adam([matrix], lr=0.05)
optimizer.zero_grad()
q = matrix_to_quaternion(matrix)
loss = torch.sum((q - target) ** 2)
loss.backward()
optimizer.step()
print(matrix)
