"""The glossary: its terms, what finds them, and that what it says of operations is the engine's."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.glossary import book
from gradviz.glossary.markdown import as_markdown
from gradviz.glossary.operations import of_operation


def found(word: str) -> str:
    """The id of the term that a word means, "" for none."""
    term = book.of_word(word)
    return term.id if term is not None else ""


def test_there_are_the_terms_of_the_field_each_short_and_linked() -> None:
    terms = book.every()
    ids = {term.id for term in terms}
    assert len(ids) == len(terms) >= 60
    assert sum(1 for term in terms if term.url) >= 45
    for term in terms:
        assert 8 <= len(term.text.split()) <= 90 and term.text.endswith((".", "it.")), term.id
        assert set(term.see) <= ids - {term.id}, term.id
        assert bool(term.page) >= bool(term.torch), f"{term.id} names PyTorch's word without its page"
        assert term.text.count("`") % 2 == 0


@pytest.mark.parametrize(
    ("word", "term"),
    [("leaf", "leaf"), ("grad_fn", "grad_fn"), ("vjp", "vjp"), ("cotangent", "cotangent"), ("accumulate", "accumulate"),
     ("retain_grad", "retain_grad"), ("version counter", "version_counter"), ("_version", "version_counter"), ("zero_grad", "zero_grad"),
     ("requires_grad_", "requires_grad"), ("Adam", "adam"), ("lr", "learning_rate"), ("clip_grad_norm_", "clipping"), ("is_leaf", "leaf"),
     ("retains_grad", "retain_grad"), ("grad is None", "grad"), ("made with grad mode", "grad_mode"), ("xyzzy", "")],
)  # fmt: skip
def test_words_and_identifiers_mean_terms(word: str, term: str) -> None:
    assert found(word) == term


def test_no_spelling_leads_astray_from_a_title() -> None:
    for term in book.every():
        assert found(term.title) == term.id


@pytest.mark.parametrize(
    ("line", "word", "term"),
    [("loss.backward()", "backward", "backward"), ("loss.backward()", "loss", "loss"), ("optimizer.zero_grad()", "zero_grad", "zero_grad"),
     ("y = x.detach() * 2", "x", "detach"), ("w.data -= 0.1 * w.grad", "data", "data"), ("w.data -= 0.1 * w.grad", "grad", "grad")],
)  # fmt: skip
def test_a_place_of_a_script_means_a_term(line: str, word: str, term: str) -> None:
    there = book.of_line(line, line.index(word))
    assert there is not None and there.id == term


def test_names_and_other_comments_of_a_script_are_no_terms() -> None:
    assert book.of_line("data = 3", 1) is None
    assert book.of_line("q = 3  # backward", 2) is None
    assert book.of_line("", -1) is None


def test_searching_ranks_names_before_texts() -> None:
    assert book.search("grad_fn")[0].id == "grad_fn"
    assert book.search("micro batch")[0].id == "micro_batch"
    assert "clipping" in [term.id for term in book.search("too large")]
    assert book.search("qqqq") == ()
    assert book.search("  ") == book.every()


def test_an_operation_is_explained_by_the_engines_own_rule() -> None:
    term = of_operation("mul", "MulBackward0")
    assert term is not None
    assert "x̄ = z̄ ⊙ y" in term.text and "ȳ = z̄ ⊙ x" in term.text and "elementwise" in term.text
    assert of_operation("mul", "NoSuchBackward0") is None


def test_the_page_in_docs_is_made_from_it() -> None:
    page = Path(__file__).parents[3] / "docs" / "glossary.md"
    assert page.read_text(encoding="utf-8") == as_markdown(), "python -m gradviz.glossary.markdown > docs/glossary.md"
