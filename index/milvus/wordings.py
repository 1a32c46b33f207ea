"""Which articles hold the wordings of a question: by the terms that the engine finds, then by their texts."""

from __future__ import annotations

from collections.abc import Sequence

from ..local import answering
from ..ports import Question, Wording
from ..text import analyse
from ..types import LANGUAGES
from .cluster import MOST
from .reading import Rows
from .schema import sparse_key


class WordingFilter:
    """Tells which articles hold what a question requires and nothing that it excludes."""

    def __init__(self, question: Question, rows: Rows) -> None:
        self._question, self._rows = question, rows
        self._answers: dict[int, bool] = {}

    @property
    def asked(self) -> bool:
        """Whether the question requires or excludes anything."""
        return bool(self._question.required or self._question.excluded)

    def possible(self) -> set[int] | None:
        """The articles that may hold all that is required; None where they are too many to be listed."""
        found: set[int] | None = None
        for group in self._question.required:
            held = [self._holding(wording) for wording in group]
            some = set().union(*(one for one in held if one is not None))
            if all(one is not None for one in held):
                found = some if found is None else found & some
        return found

    def answering(self, articles: Sequence[int]) -> set[int]:
        """Those of some articles whose titles and texts hold what is required and nothing that is excluded."""
        unread = sorted(set(articles) - self._answers.keys())
        found = self._rows.try_articles(unread) if unread else {}
        whole = {number: article for number, article in found.items() if not isinstance(article, str)}
        self._answers |= dict.fromkeys(unread, False)
        texts = [(article.title, article.text) for article in whole.values()]
        answers = answering(self._question.required, self._question.excluded, texts)
        self._answers.update(zip(whole, answers, strict=True))
        return {number for number in articles if self._answers[number]}

    def _holding(self, wording: Wording) -> set[int] | None:
        """The articles that hold one of the terms, or each term of a phrase; None where they are too many."""
        if not wording.phrase:
            held = [self._with(term) for term in wording.terms]
            return None if any(one is None for one in held) else set().union(*(one for one in held if one is not None))
        found: set[int] | None = None
        for term in dict.fromkeys(analyse(word)[0] for word in wording.phrase):
            some = self._with(term)
            if some is not None:
                found = some if found is None else found & some
        return found

    def _with(self, term: str) -> set[int] | None:
        vector = {sparse_key(term, language): 1.0 for language in range(len(LANGUAGES))}
        rows = self._rows
        found = rows.cluster.nearest(rows.state.passages, "sparse", vector, MOST, "", ("article",), rows.at)
        return None if len(found) == MOST else {row["article"] for score, row in found if score > 0}
