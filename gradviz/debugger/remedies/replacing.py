"""Remedies that replace something in the line itself: a table by the words of `explain`, looked through where no other remedy is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..diagnosis import Fix

if TYPE_CHECKING:
    from .text import Text


@dataclass(frozen=True, slots=True)
class Row:
    """A change of a line.

    Attributes:
        pattern: what is replaced; `{0}` is the group that `when` finds in the advice.
        by: with what, as `re.sub` reads it; `{0}` as above.
        when: words that the advice must have: some mistakes of one word are mended in several ways.
        most: how many places are replaced, 0 for all.
    """

    pattern: str
    by: str
    when: str = ""
    most: int = 1


_ALONG_BATCH = Row(
    r"\b(mean|sum|amax|max|argmax|softmax|normalize|cosine_similarity)\(([^()]*,\s*)?(dim\s*=\s*)?0(\)|,)", r"\1(\g<2>\g<3>1\4", most=0
)

ROWS: dict[str, tuple[Row, ...]] = {
    "setting-not-read": (
        Row(r"([\w.\[\]]+)\.requires_grad\s*=\s*(True|False)", r"\1.requires_grad_(\2)", r"requires_grad_\("),
        Row(r"([\"'])(?!params)\w+\1(\s*:)", r'"{0}"\2', r"^Call it \"(\w+)\""),
    ),
    "never-filled": (Row(r"torch\.(?:Tensor|FloatTensor|empty)\(([^()]*)\)", r"torch.randn(\1) * 0.1"),),
    "time-and-batch-exchanged": (
        Row(r"\b(LSTM|GRU|RNN|MultiheadAttention|Transformer\w*Layer)\(([^()]*)\)", r"\1(\2, batch_first=True)", r"batch_first=True where"),
        Row(r"(\w+)\[-1\]", r"\1[:, -1]", r"out\[:, -1\]"),
    ),
    "class-ignored": (Row(r",?\s*ignore_index\s*=\s*\d+", ""),),
    "schedule-given-a-number": (Row(r"\.step\(.+\)", ".step()"),),
    "mask-inverted": (
        Row(r"\.tril\(-1\)", ".triu(1)", r"triu\(1\)"),
        Row(r"torch\.tril\((.+?\))\)", r"torch.triu(\1, diagonal=1)", r"triu\(torch\.ones"),
    ),
    "gradient-scaled-away": (Row(r"(,\s*(?:max_norm\s*=\s*)?)\d*\.?\d+(?:e-\d+)?\)", r"\g<1>1.0)"),),
    "classes-over-the-batch": (_ALONG_BATCH,),
    "reduced-over-the-batch": (_ALONG_BATCH,),
    "normalized-over-batch": (_ALONG_BATCH,),
    "future-does-not-count": (Row(r"\*\s*({0}\b(?:\[[^\]]*\])?)", r"* (1 - \1)", r"\(1 - (\w+)"),),
    "weights-along-another-dimension": (Row(r"softmax\(([^()]*?),\s*(?:dim\s*=\s*)?-?\d\)", r"softmax(\1, dim=-1)", r"dim=-1"),),
    "statistics-that-do-not-average": (
        Row(r"momentum\s*=\s*0\.9\d*", "momentum=0.01"),
        Row(r"momentum\s*=\s*0(?:\.0*)?\b", "momentum=0.1"),
    ),
    "misspelt": (
        Row(r"\.(?:require_grads?|requires_grads|required_grad|requiresgrad)\b", ".requires_grad"),
        Row(r"def _+init_+\(", "def __init__("),
    ),
    "similarities-stay-small": (
        Row(r"\b((?:self\.)?\w*(?:tau|temp)\w*)\s*\*\s*([\w.]+)", r"\2 / \1"),
        Row(r"\*\s*((?:self\.)?\w*(?:tau|temp)\w*)", r"/ \1"),
    ),
    "schedule-gives-a-rate": (Row(r"{0}\s*\*\s*", "", r"Leave ([\w.]+) out"),),
    "not-a-leaf": (
        Row(r"(\w*\.?Parameter)\((.+)\)(\s*\*\s*[\w.]+)\s*$", r"\1(\2\3)"),
        Row(r"=\s*(.+?),\s*requires_grad\s*=\s*True\)(.+)$", r"= (\1)\2).requires_grad_()"),
    ),
    "optimizer-of-a-non-leaf": (Row(r"=\s*(.+?),\s*requires_grad\s*=\s*True\)(.+)$", r"= (\1)\2).requires_grad_()"),),
    "second-derivative-zero": (Row(r"\bnn\.ReLU\(\)", "nn.Tanh()", most=0), Row(r"\b(?:F|torch)\.relu\(", "torch.tanh(", most=0)),
    "batches-of-one-class": (Row(r"DataLoader\((.*)\)", r"DataLoader(\1, shuffle=True)"),),
    "entropy-made-small": (Row(r"\+\s*((?:[\w.]+\s*\*\s*)?[\w.]*entropy)", r"- \1"),),
    "data-changed-in-place": (
        Row(r"^(\s*)([\w.]+)\s*([-+*/])=\s*(.+)$", r"\1\2 = \2 \3 (\4)"),
        Row(r"^(\s*)(\w+)((?:\.\w+?_\([^()]*\))+)\s*$", r"\1\2 = \2.clone()\3"),
    ),
    "batches-overlap": (Row(r"\b{0}\s*:\s*{0}\s*\+\s*{1}", r"{0} * {1} : ({0} + 1) * {1}", r": (\w+) \* ([\w.]+) :", 0),),
    "logarithms-for-probabilities": (Row(r"^(?!.*kl_div)(.*)\blog_softmax\(", r"\1softmax("), Row(r"(\w)\.log\(\)", r"\1")),
    "overwritten-by-activation": (Row(r",\s*inplace\s*=\s*True", ""),),
    "targets-cut-to-integers": (Row(r"\.(?:long|int)\(\)", ".float()"),),
    "moved-without-gradient": (Row(r"set_to_none\s*=\s*False", ""),),
    "learning-rate-too-small": (Row(r"mode\s*=\s*([\"'])max\1", r"mode=\1min\1", r"mode=\"min\""),),
    "no-gradient": (Row(r"from_pretrained\(([^()]*)\)", r"from_pretrained(\1, freeze=False)"),),
    "nan": (Row(r",\s*eps\s*=\s*0(?:\.0*)?(?=[,)])", "", "eps"),),
    "inf": (Row(r"(a(?:cos|sin))\((\w+)\)", r"\1(\2.clamp(-1 + 1e-6, 1 - 1e-6))", r"clamp\(-1"),),
    "weight-decay-too-strong": (Row(r"weight_decay\s*=\s*[\d.]+", "weight_decay=1e-4"),),
    "outputs-dropped": (Row(r",\s*nn\.Dropout\([\d.p=\s]*\)(?=\s*\)\s*$)", ""),),
    "targets-out-of-reach": (Row(r",\s*nn\.(?:ReLU|Tanh|Sigmoid)\(\)(?=\s*\)\s*$)", ""),),
    "softmax-over-batch": (Row(r"\.sum\(\)", ".sum(dim=1, keepdim=True)", "keepdim"),),
    "noise-of-one-sign": (Row(r"\brand_like\(", "randn_like("),),
    "logits-for-probabilities": (Row(r"(>=?|<=?)\s*0?\.5\b", r"\1 0"),),
    "masked-with-zero": (Row(r"(masked_fill_?\(.*),\s*0(?:\.0*)?\)", r'\1, float("-inf"))'),),
    "rows-for-columns": (
        Row(r"gather\(0,", "gather(1,"),
        Row(r"dim\s*=\s*0", "dim=1", r"Gather along"),
        Row(r"([\w.]+(?:\([^()]*\))?)\[(\w+)\]", r"\1.gather(1, \2.unsqueeze(1)).squeeze(1)", r"unsqueeze\(1\)"),
    ),
    "variance-for-spread": (Row(r"exp\((\w+)\)", r"exp(0.5 * \1)", r"^std ="),),
    "uphill": (Row(r",\s*maximize\s*=\s*True", "", "maximize"),),
    "identical-units": (
        Row(r"torch\.(?:zeros|ones)\(([^()]*?),\s*requires_grad\s*=\s*True\)", r"(torch.randn(\1) * 0.1).requires_grad_()"),
        Row(r"torch\.full\(\(([^()]*)\),[^()]*,\s*requires_grad\s*=\s*True\)", r"(torch.randn(\1) * 0.1).requires_grad_()"),
        Row(r"torch\.(?:zeros|ones)_like\(", "torch.randn_like("),
    ),
    "drawn-without-way-back": (Row(r"torch\.normal\((\w+),\s*(.+)\)$", r"\1 + \2 * torch.randn_like(\1)"),),
    "cleared-twice": (Row(r"[\w.]+\.zero_grad\(\)", r"{0}.zero_grad()", r"^([\w.]+)\.zero_grad\(\) was meant"),),
    "discount-above-one": (Row(r"=\s*([1-9]\d*)\b", r"= 0.\1"),),
}  # fmt: skip


def replaced(text: Text, kind: str, line: int, advice: str) -> Fix | None:
    """The first change of the table that fits a line."""
    old = text.line(line)
    for row in ROWS.get(kind, ()):
        found = re.search(row.when, advice)
        if found is None:
            continue
        pattern, by = row.pattern, row.by
        for number, part in enumerate(found.groups()):
            pattern, by = pattern.replace(f"{{{number}}}", re.escape(part)), by.replace(f"{{{number}}}", part)
        new = re.sub(pattern, by, old, count=row.most)
        if new != old:
            return Fix(line, old, new)
    return None
