"""Invented articles that are printed again, and those of the sample corpus with how they relate."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from hypothesis import strategies as st

from index.text.fingerprints import sketch
from index.types import Article
from search.coverage.copies import copies
from search.types import Link

CORPUS = Path(__file__).parents[1] / "corpus"


# A fire in the market of an invented town: 73 words.
FIRE = (
    "اندلع حريق كبير فجر اليوم في السوق القديم بمدينة رمانة، وأتى على 14 متجرا قبل أن تتمكن فرق الإطفاء من السيطرة "
    "عليه. وقال قائد الدفاع المدني إن النيران بدأت في مستودع للأقمشة ثم امتدت إلى المحال المجاورة بسبب الرياح. "
    "وأضاف أن أحدا لم يصب بأذى لأن السوق كان مغلقا في تلك الساعة. وأعلنت البلدية أنها ستعوض أصحاب المتاجر، "
    "وأن لجنة ستحقق في أسباب الحادث وترفع تقريرها إلى المجلس خلال أسبوعين من تاريخ تشكيلها."
)


# The reopening of an invented bridge: 81 words, and what a longer report adds.
BRIDGE = (
    "The old bridge over the Tamra river reopened on Monday after repairs that lasted eleven months, the roads office "
    "said. Traffic had been sent through the village of Hadley, where residents complained of noise and of damage to "
    "their walls. Engineers replaced 240 steel cables and strengthened both piers, which had been weakened by floods "
    "two winters ago. The office said that the work cost less than planned and that heavy lorries would be allowed to "
    "cross again from spring."
)


BRIDGE_BACKGROUND = (
    "It was built ninety years ago to carry stone from the quarries, and fishermen still sell their catch below its "
    "arches. "
)


def article(id: str, text: str, published: str | None = None, language: str = "ar") -> Article:
    return Article(id, "", text, language, published)


WORDS = st.lists(
    st.sampled_from(("قال", "الوزير", "مدينه", "5", "لم", "خمسه", "the", "a", "won", "lost", "Rome", "not")),
    max_size=40,
).map(" ".join)


TEXTS = st.one_of(WORDS, st.text(max_size=60))


def sample() -> tuple[list[Article], dict[frozenset[str], str]]:
    with (CORPUS / "corpus.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    with (CORPUS / "stories.tsv").open(encoding="utf-8") as lines:
        relations = {frozenset((row["a"], row["b"])): row["relation"] for row in csv.DictReader(lines, delimiter="\t")}
    return [Article(row["_id"], row["title"], row["text"], row["lang"], row.get("date")) for row in rows], relations


def printed(articles: list[Article]) -> list[Link]:
    return copies(articles, [sketch(article.text) for article in articles])


TOLL = (
    "The dam of the northern valley cost {} dinars, the auditor of the ministry said in his report on Monday morning."
)
