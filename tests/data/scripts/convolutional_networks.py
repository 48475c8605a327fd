import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(0)


class ResBlock(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.short = (
            nn.Identity()
            if stride == 1 and cin == cout
            else nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))
        )

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)), inplace=True)
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.short(x))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.d1 = ResBlock(1, 4)
        self.d2 = ResBlock(4, 8, 2)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.out = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        a = self.d1(x)
        b = self.d2(a)
        u = self.up(b)
        return self.out(torch.cat([a, u], dim=1))


net = UNet()
x = torch.randn(4, 1, 8, 8)
t = (x > 0).float()
print(net)
opt = torch.optim.Adam(net.parameters(), 5e-3)
for i in range(5):
    l = F.binary_cross_entropy_with_logits(net(x), t, pos_weight=torch.tensor(2.0))
    opt.zero_grad()
    l.backward()
    opt.step()
    print(i, f"{l.item():.3f}")
p = torch.sigmoid(net(x)) > 0.5
inter = (p & t.bool()).sum().item()
print("iou>0", inter / (p | t.bool()).sum().item() > 0.3)
print(net.d1.bn1.running_mean.shape, net.d1.bn1.num_batches_tracked, net.d1.bn1.momentum, net.d1.bn1.eps, net.d1.bn1.affine)
for k, s, p_, d in [(3, 1, 0, 1), (3, 2, 1, 1), (5, 1, 2, 1), (3, 1, 2, 2)]:
    print(k, s, p_, d, nn.Conv2d(1, 1, k, s, p_, d)(torch.zeros(1, 1, 16, 16)).shape)
print(
    nn.Conv2d(4, 8, 3, groups=2).weight.shape,
    nn.Conv2d(4, 4, 3, groups=4),
    nn.Conv2d(1, 1, 3, padding="same"),
    nn.Conv2d(1, 1, 3, padding_mode="reflect", padding=1),
)
y = net.d1(x)
print(y.grad_fn.name(), y.grad_fn.next_functions[0][0].name(), net.d1.bn2(net.d1.conv1(x)).grad_fn.name())
print(net.up(net.d2(y)).grad_fn.name())
with torch.no_grad():
    net.eval()
    a = net(x)
    b = net(x)
    print(torch.equal(a, b))
fm = {}
h = net.d2.register_forward_hook(lambda m, i, o: fm.update(o=o.detach()))
net(x)
h.remove()
print(fm["o"].shape, fm["o"].mean().item() > 0)
xs = x.clone().requires_grad_()
net(xs)[0, 0, 4, 4].backward()
print((xs.grad[0, 0] != 0).int().sum() > 20, xs.grad[1:].abs().sum())
ker = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).view(1, 1, 3, 3)
img = torch.zeros(1, 1, 6, 6)
img[..., 3:] = 1
print(F.conv2d(img, ker, padding=1).squeeze())
print(F.unfold(img, 3).shape, F.fold(F.unfold(img, 3), (6, 6), 3)[0, 0, 2])
print(
    F.avg_pool2d(img, 2).squeeze(),
    F.max_pool2d(img, 3, 1, 1).shape,
    F.adaptive_avg_pool2d(img, 1).item(),
    F.interpolate(img, scale_factor=0.5, mode="bilinear").shape,
    F.pixel_shuffle(torch.arange(4.0).view(1, 4, 1, 1), 2),
)
o, idx = F.max_pool2d(img, 2, return_indices=True)
print(idx[0, 0], F.max_unpool2d(o, idx, 2).shape)
print(F.grid_sample(img, F.affine_grid(torch.eye(2, 3)[None], (1, 1, 3, 3), align_corners=False), align_corners=False).squeeze())
