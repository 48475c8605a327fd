import torch, io, os, tempfile, copy, pickle
import torch.nn as nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self, d=4, h=8):
        super().__init__()
        self.fc1 = nn.Linear(d, h)
        self.bn = nn.BatchNorm1d(h)
        self.fc2 = nn.Linear(h, 2)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))
        self.register_buffer("scratch", torch.ones(3), persistent=False)

    def forward(self, x):
        self.steps += 1
        return self.fc2(torch.relu(self.bn(self.fc1(x))))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-3)
x = torch.randn(16, 4)
y = torch.randint(0, 2, (16,))
for _ in range(3):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    opt.step()
with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, "ckpt.pt")
    torch.save({"epoch": 3, "model": net.state_dict(), "optim": opt.state_dict(), "loss": loss.item()}, path)
    print(os.path.exists(path))
    ck = torch.load(path, weights_only=True)
print(sorted(ck), ck["epoch"], f"{ck['loss']:.4f}")
print(list(ck["model"].keys()))
print(type(ck["model"]).__name__)
new = Net()
print(new.load_state_dict(ck["model"]))
o2 = torch.optim.Adam(new.parameters(), lr=1.0)
o2.load_state_dict(ck["optim"])
print(o2.param_groups[0]["lr"], o2.param_groups[0]["weight_decay"], len(o2.state))
net.eval()
new.eval()
print(torch.equal(net(x), new(x)))
print({k: tuple(v.shape) for k, v in new.state_dict().items()})
print(ck["optim"]["param_groups"])
print({k: (v if not torch.is_tensor(v) or v.dim() == 0 else tuple(v.shape)) for k, v in ck["optim"]["state"][0].items()})
try:
    new.load_state_dict({k: v for k, v in ck["model"].items() if "bn" not in k})
except RuntimeError as e:
    print(e)
bad = dict(ck["model"])
bad["fc1.weight"] = torch.zeros(3, 3)
bad["extra"] = torch.zeros(1)
try:
    new.load_state_dict(bad)
except RuntimeError as e:
    print(e)
r = new.load_state_dict({"fc2.bias": torch.zeros(2), "oops": torch.ones(1)}, strict=False)
print(r.missing_keys[:3], r.unexpected_keys)
print(r)
buf = io.BytesIO()
torch.save(torch.arange(5), buf)
buf.seek(0)
print(torch.load(buf))
c = copy.deepcopy(net)
print(c.fc1.weight is net.fc1.weight, torch.equal(c.fc1.weight, net.fc1.weight))
p = pickle.loads(pickle.dumps(torch.tensor([1.5, 2.5], requires_grad=True)))
print(p)
print(net.steps, net.state_dict()["steps"], "scratch" in net.state_dict())
