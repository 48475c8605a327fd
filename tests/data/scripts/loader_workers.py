import math, random
import numpy as np, torch
from torch.utils.data import *

torch.manual_seed(0)
random.seed(0)
np.random.seed(0)


class S(IterableDataset):
    def __init__(self, start, end):
        self.start, self.end = start, end

    def __iter__(self):
        return iter(range(self.start, self.end))


class Sharded(S):
    def __iter__(self):
        info = get_worker_info()
        if info is None:
            return iter(range(self.start, self.end))
        per = math.ceil((self.end - self.start) / info.num_workers)
        s = self.start + info.id * per
        return iter(range(s, min(s + per, self.end)))


ds = Sharded(3, 7)
for n in (0, 1, 2):
    print(n, list(DataLoader(ds, num_workers=n)))
print(list(DataLoader(S(3, 8), num_workers=2)))
print(list(DataLoader(S(3, 10), num_workers=2, batch_size=3)))
print(list(DataLoader(S(3, 10), num_workers=2, batch_size=3, drop_last=True)))


def init(k):
    info = get_worker_info()
    d = info.dataset
    per = math.ceil((d.end - d.start) / info.num_workers)
    s = d.start
    d.start = s + k * per
    d.end = min(d.start + per, 8)


plain = S(3, 8)
print(list(DataLoader(plain, num_workers=2, worker_init_fn=init)), plain.start, plain.end)


class R(Dataset):
    def __init__(self):
        self.asked = []
        self.n = 0

    def __len__(self):
        return 9

    def __getitem__(self, k):
        self.asked.append(k)
        self.n += 1
        i = get_worker_info()
        return (k, torch.rand(1).item(), random.random(), np.random.rand(), i.id if i else -1, self.n)


r = R()
for shuffle in (False, True):
    for n in (0, 1, 2):
        for b in DataLoader(r, batch_size=2, num_workers=n, shuffle=shuffle):
            print(b)
        print(torch.rand(1), random.random(), np.random.rand(), r.n, r.asked)
ld = DataLoader(r, batch_size=4, num_workers=2, persistent_workers=True, shuffle=True)
for e in range(3):
    for b in ld:
        print(e, b)
    print(torch.rand(1))
it = iter(DataLoader(r, batch_size=4, num_workers=2, shuffle=True))
print(torch.rand(2))
print(next(it))
print(torch.rand(2))
print(next(it))
g = torch.Generator().manual_seed(4)
for b in DataLoader(r, batch_size=4, num_workers=2, shuffle=True, generator=g):
    print(b)


def seed_worker(worker_id):
    s = torch.initial_seed() % 2**32
    np.random.seed(s)
    random.seed(s)


g.manual_seed(0)
for b in DataLoader(r, batch_size=4, num_workers=2, shuffle=True, generator=g, worker_init_fn=seed_worker):
    print(b)


class Bad(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, k):
        if k == 2:
            raise KeyError("two")
        return k


try:
    for b in DataLoader(Bad(), num_workers=2):
        print(b)
except KeyError as e:
    print(str(e).splitlines()[:2], str(e).splitlines()[-1])


def badinit(k):
    raise ValueError("no")


try:
    for b in DataLoader(Bad(), num_workers=2, worker_init_fn=badinit):
        print(b)
except ValueError as e:
    print(str(e).splitlines()[:2], str(e).splitlines()[-1])
l = DataLoader(Bad(), num_workers=2)
it = iter(l)
for _ in range(6):
    try:
        print(next(it))
    except Exception as e:
        print(type(e).__name__)
print(get_worker_info())
x = TensorDataset(torch.arange(10.0), torch.arange(10))
for b in DataLoader(x, batch_size=3, num_workers=2, shuffle=True):
    print(b)


class L(S):
    def __len__(self):
        return 4

    def __repr__(self):
        return "stream"


l = DataLoader(L(3, 7), num_workers=2, batch_size=None)
print(len(l), list(l))


class Samp(Sampler):
    def __iter__(self):
        for k in range(6):
            print("ask", k)
            yield k

    def __len__(self):
        return 6


for b in DataLoader(range(6), num_workers=1, sampler=Samp(), batch_size=1):
    print("got", b)
