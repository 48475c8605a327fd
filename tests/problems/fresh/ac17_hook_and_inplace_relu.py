import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(4)
seen = {}


def keep_gradient(module, grad_input, grad_output):
    seen["gradient"] = grad_output[0]


def keep_activation(module, args, output):
    seen["activation"] = output


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.relu(self.conv1(x))
        x = self.relu(self.conv2(x))
        return self.head(x.mean((2, 3)))


net = Small()
net.conv2.register_forward_hook(keep_activation)
net.conv2.register_full_backward_hook(keep_gradient)
image = torch.randn(1, 1, 8, 8)
score = net(image)[0, 1]
score.backward()
weights = seen["gradient"].mean((2, 3), keepdim=True)
cam = F.relu((weights * seen["activation"]).sum(1))
print(cam.shape, cam.max().item())
