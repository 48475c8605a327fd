"""Loaders and splits: tools/random_goldens.py stores PyTorch's order of the items, the tests make ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _data(torch: Any, n: int = 10) -> Any:
    return torch.utils.data.TensorDataset(torch.arange(n), torch.arange(n) % 3)


def _loader(**options: Any) -> Callable[[Any], Any]:
    def epochs(torch: Any) -> Any:
        chosen = {k: v(torch) if callable(v) else v for k, v in options.items()}
        loader = torch.utils.data.DataLoader(_data(torch), **chosen)
        made = [[[part.tolist() for part in batch] for batch in loader] for _ in range(3)]
        return [len(loader), made]

    return epochs


def _listed(torch: Any) -> Any:
    """A dataset of Python objects."""
    items = [{"x": float(k), "name": f"n{k}", "pair": (k, [k, -k])} for k in range(5)]
    made = []
    for batch in torch.utils.data.DataLoader(items, batch_size=2, shuffle=True):
        made.append([str(batch["x"]), batch["name"], str(batch["pair"])])
    return made


def _streamed(torch: Any) -> Any:
    class Squares(torch.utils.data.IterableDataset):  # type: ignore[misc, name-defined]
        def __iter__(self) -> Any:
            return iter(k * k for k in range(7))

    loaders = [torch.utils.data.DataLoader(Squares(), batch_size=3, drop_last=d) for d in (False, True)]
    return [[b.tolist() for b in loader] for loader in loaders] + [
        [int(b) for b in torch.utils.data.DataLoader(Squares(), batch_size=None)]
    ]


def _split(lengths: list[float], n: int = 10) -> Callable[[Any], Any]:
    def parts(torch: Any) -> Any:
        own = torch.utils.data.random_split(_data(torch, n), lengths, generator=torch.Generator().manual_seed(42))
        default = torch.utils.data.random_split(range(n), lengths)
        return [[list(map(int, p.indices)) for p in own], [list(map(int, p.indices)) for p in default], [len(p) for p in own]]

    return parts


def _broken_off(torch: Any) -> Any:
    """A loop that ends early has drawn its shuffle; the next epoch goes on from there."""
    loader = torch.utils.data.DataLoader(_data(torch), batch_size=4, shuffle=True)
    first = next(iter(loader))[0].tolist()
    return [first, [b[0].tolist() for b in loader], torch.rand(2).tolist()]


def _own_random_in_dataset(torch: Any) -> Any:
    class Noisy(torch.utils.data.Dataset):  # type: ignore[misc, name-defined]
        def __len__(self) -> int:
            return 6

        def __getitem__(self, k: int) -> Any:
            return k, torch.rand(1)

    return [[part.tolist() for part in b] for b in torch.utils.data.DataLoader(Noisy(), batch_size=4, shuffle=True)]


CASES: dict[str, Callable[[Any], Any]] = {
    "plain": _loader(),
    "batches": _loader(batch_size=4),
    "dropped": _loader(batch_size=4, drop_last=True, shuffle=True),
    "shuffled": _loader(batch_size=3, shuffle=True),
    "own generator": _loader(batch_size=3, shuffle=True, generator=lambda torch: torch.Generator().manual_seed(7)),
    "no batches": _loader(batch_size=None, shuffle=True),
    "with replacement": _loader(batch_size=4, sampler=lambda t: t.utils.data.RandomSampler(range(10), replacement=True, num_samples=37)),
    "many samples": _loader(batch_size=4, sampler=lambda t: t.utils.data.RandomSampler(range(10), num_samples=23)),
    "subset sampler": _loader(batch_size=2, sampler=lambda t: t.utils.data.SubsetRandomSampler([1, 3, 5, 7, 9])),
    "weighted": _loader(sampler=lambda t: t.utils.data.WeightedRandomSampler([0.1, 0.9, 3.0, 0.0, 1, 1, 1, 1, 1, 1], 12)),
    "batch sampler": _loader(batch_sampler=lambda t: t.utils.data.BatchSampler(t.utils.data.SequentialSampler(range(10)), 4, True)),
    "listed batches": _loader(batch_sampler=[[0, 1], [5, 2, 9]]),
    "objects": _listed,
    "streamed": _streamed,
    "split": _split([7, 3]),
    "split by parts": _split([0.5, 0.3, 0.2], 11),
    "broken off": _broken_off,
    "own random numbers": _own_random_in_dataset,
}


def run(torch: Any, name: str) -> Any:
    """One case, from seed 5 on, with the stream's next number at the end."""
    torch.manual_seed(5)
    return [CASES[name](torch), torch.rand(1).item()]
