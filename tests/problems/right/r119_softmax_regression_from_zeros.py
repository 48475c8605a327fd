# a single layer that starts at zeros through detach(), which is right, and a rotation matrix that is filled place by place
import torch
from torch import nn

torch.manual_seed(0)


class SoftmaxRegression(nn.Module):
    def __init__(self, features, classes):
        super().__init__()
        self.linear = nn.Linear(features, classes)
        self.linear.weight.detach().zero_()
        self.linear.bias.detach().zero_()

    def forward(self, x):
        return self.linear(x)


model = SoftmaxRegression(6, 3)
opt = torch.optim.SGD(model.parameters(), lr=0.5)
x = torch.randn(60, 6)
y = (x @ torch.randn(6, 3)).argmax(1)
for epoch in range(10):
    loss = nn.functional.cross_entropy(model(x), y)
    model.zero_grad()
    loss.backward()
    opt.step()


def rotation(axis_angle):
    angle = axis_angle.norm()
    ax, ay, az = axis_angle / (angle + 1e-7)
    ca, sa = angle.cos(), angle.sin()
    rot = torch.zeros(3, 3)
    rot[0, 0], rot[0, 1], rot[0, 2] = ca + ax * ax * (1 - ca), ax * ay * (1 - ca) - az * sa, ax * az * (1 - ca) + ay * sa
    rot[1, 0], rot[1, 1], rot[1, 2] = ay * ax * (1 - ca) + az * sa, ca + ay * ay * (1 - ca), ay * az * (1 - ca) - ax * sa
    rot[2, 0], rot[2, 1], rot[2, 2] = az * ax * (1 - ca) - ay * sa, az * ay * (1 - ca) + ax * sa, ca + az * az * (1 - ca)
    return rot


pose = torch.tensor([0.1, -0.2, 0.3], requires_grad=True)
points = torch.randn(3, 20)
goal = rotation(torch.tensor([0.5, 0.1, -0.4])) @ points
pose_opt = torch.optim.Adam([pose], lr=0.05)
for it in range(15):
    pose_opt.zero_grad()
    ((rotation(pose) @ points - goal) ** 2).mean().backward()
    pose_opt.step()
