"""LaTeX of the engine's formulas as Unicode text, for tooltips, logs and screen readers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_COMMANDS = {
    "odot": "⊙", "oslash": "⊘", "cdot": "·", "times": "×", "sum": "Σ", "partial": "∂", "alpha": "α", "beta": "β", "gamma": "γ",
    "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "lambda": "λ", "mu": "μ", "pi": "π", "sigma": "σ", "tau": "τ", "phi": "φ",
    "Phi": "Φ", "infty": "∞", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "in": "∈", "to": "→",
    "rightarrow": "→", "pm": "±", "sqrt": "√", "top": "ᵀ", "ast": "*", "star": "*", "prod": "Π", "ldots": "…", "dots": "…", "quad": " ",
    "left": "", "right": "", "big": "", "Big": "", "textstyle": "", "displaystyle": "", "limits": "", "lvert": "|", "rvert": "|",
}  # fmt: skip
_RAISED = str.maketrans("0123456789+-=()nTi", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿᵀⁱ")
_LOWERED = str.maketrans("0123456789+-=()aeijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"


@lru_cache(maxsize=1024)
def plain_text(latex: str) -> str:
    """One line of Unicode for a formula: `\\bar{x} = \\bar{z} \\odot y^2` is "x̄ = z̄ ⊙ y²"."""
    text = re.sub(r"\\[,;:! ]", " ", latex.replace("\\\\", " "))
    for _ in range(4):  # groups stand in each other
        text = re.sub(r"\\d?frac" + _GROUP + _GROUP, lambda m: f"({_bracketed(m[1])}/{_bracketed(m[2])})", text)
        text = re.sub(r"\\(?:mathsf|mathrm|mathbf|mathit|text|operatorname|boldsymbol)\*?" + _GROUP, r"\1", text)
        text = re.sub(r"\\sqrt" + _GROUP, lambda m: f"√{_bracketed(m[1])}", text)
        text = re.sub(r"\\bar" + _GROUP, lambda m: f"{m[1]}\u0304" if len(m[1]) == 1 else f"grad({m[1]})", text)
        text = re.sub(r"\\hat" + _GROUP, lambda m: f"{m[1]}\u0302", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: _COMMANDS.get(m[1], m[1]), text)
    text = re.sub(r"\^(?:" + _GROUP + r"|(\S))", lambda m: _script(m[1] if m[1] is not None else m[2], _RAISED, "^"), text)
    text = re.sub(r"_(?:" + _GROUP + r"|(\S))", lambda m: _script(m[1] if m[1] is not None else m[2], _LOWERED, "_"), text)
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", text.replace("{", "").replace("}", "")).strip())


def _bracketed(text: str) -> str:
    return text if re.fullmatch(r"\\?\w+|\\bar\{\w\}", text) else f"({text})"


def _script(text: str, table: dict[int, int], sign: str) -> str:
    """Raised or lowered where Unicode has all of its letters, else with the sign."""
    if all(ord(c) in table for c in text):
        return text.translate(table)
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"
