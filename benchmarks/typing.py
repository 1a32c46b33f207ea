"""Typing errors in queries: nDCG@10 of the clean query, of the query with an error, and of that without correction.

    python -m benchmarks.typing EVAL_DIR                    EVAL_DIR holds xquad_r and ntrex, in BEIR folders
    python -m benchmarks.typing --seed 1 --show EVAL_DIR    another draw, and what was made of each query

Of each folder of a language, 75 queries are drawn. In each, one word of four letters or more gets one error; the kinds
of errors take turns. The three figures come from one run over the same index.
"""

import argparse
import random
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks.retrieval import Collection, ndcg
from index.text import fold, tokenize
from search.query import plain
from search.query.dictionary import stopwords
from search.query.spelling import LETTERS, Speller
from search.types import Mode

FOLDERS = {
    "ar": ("xquad_r/para_ar-ar", "xquad_r/para_ar-en", "ntrex/headline_ar-ar", "ntrex/headline_ar-en"),
    "en": ("xquad_r/para_en-en", "xquad_r/para_en-ar", "ntrex/headline_en-en", "ntrex/headline_en-ar"),
}
QUERIES = 75  # of each folder

KINDS = ("wrong", "missing", "doubled", "swapped", "confused", "space")

# What is typed for what: letters that sound alike, and hamzas left out.
CONFUSED = {
    "ar": ("ضظ", "ظض", "ذز", "زذ", "ةه", "هة", "أا", "إا", "آا", "ئي", "ؤو", "ىي"),
    "en": ("ie", "ei", "ae", "ea", "sz", "cs", "sc", "ck", "ao"),
}


def mistyped(query: str, language: str, kind: str, draw: random.Random) -> str | None:
    """The query with one error of a kind; None where it has no place for one."""
    words = [t for t in tokenize(query) if t.word.isalpha() and len(t.word) >= 4 and t.word not in stopwords()]
    draw.shuffle(words)
    for token in words:
        word = query[token.start : token.end]
        i = draw.randrange(len(word) - 1)
        if kind == "wrong":
            new = word[:i] + draw.choice([c for c in LETTERS[language] if c != fold(word[i])]) + word[i + 1 :]
        elif kind == "missing":
            new = word[:i] + word[i + 1 :]
        elif kind == "doubled":
            new = word[:i] + word[i] + word[i:]
        elif kind == "swapped":
            new = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        elif kind == "confused":
            new = next((word.replace(pair[0], pair[1], 1) for pair in CONFUSED[language] if pair[0] in word[1:]), word)
        else:
            behind = query[token.end : token.end + 2]
            if not (behind[:1] == " " and behind[1:].isalpha()):
                continue
            return query[: token.end] + query[token.end + 1 :]
        if new != word:
            return query[: token.start] + new + query[token.end :]
    return None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--queries", type=int, default=QUERIES, help="of each folder")
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    corrected = Speller.respelled
    for language, names in FOLDERS.items():
        draw = random.Random(asked.seed)
        by_kind: dict[str, list[list[float]]] = defaultdict(list)
        for name in names:
            with tempfile.TemporaryDirectory() as temporary:
                collection = Collection(asked.folder / name, Path(temporary) / "index")
                drawn = draw.sample(sorted(collection.queries), min(asked.queries, len(collection.queries)))
                for i, query in enumerate(drawn):
                    kind = KINDS[i % len(KINDS)]
                    clean = collection.queries[query]
                    typed = mistyped(clean, language, kind, draw)
                    if typed is None:
                        continue
                    scores = []
                    for text, speller in (
                        (clean, _as_typed),
                        (clean, corrected),
                        (typed, _as_typed),
                        (typed, corrected),
                    ):
                        Speller.respelled = speller  # type: ignore[method-assign, assignment]
                        ranked = collection.engine.run(text, 10, Mode.HYBRID, collection.filters)
                        scores.append(ndcg(collection.relevant[query], [article for article, _ in ranked]))
                    by_kind[kind].append(scores)
                    if asked.show:
                        with collection.engine.index.reading() as view:
                            one, other = (corrected(Speller(view.vocabulary), plain(text)) for text in (clean, typed))
                        for what, read in (("clean", one), ("typed", other)):
                            made = [(r.typed, read.text[r.start : r.end]) for r in read.respelled]
                            if made or what == "typed":
                                print(name, what, kind, made or typed, *(f"{s:.2f}" for s in scores))
        rows = [("all", [scores for kind in by_kind.values() for scores in kind]), *by_kind.items()]
        for kind, found in rows:
            means = [sum(column) / len(found) for column in zip(*found, strict=True)]
            print(f"{language} {kind:9} {len(found):4} clean {means[0]:.3f} {means[1]:.3f}", end="  ")
            print(f"with an error, as typed {means[2]:.3f}, corrected {means[3]:.3f}", flush=True)


def _as_typed(_: Speller, query: object) -> object:
    return query


if __name__ == "__main__":
    main()
