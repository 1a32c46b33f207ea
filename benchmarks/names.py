"""How well names are found across scripts, and how often a common word is mistaken for a name.

    python -m benchmarks.names [--shared ../shared]

First, each name of the two evaluation files is looked up among all names of the other script (those of ANETAC and of
the files). `first` and `in five` are the shares of names with a right spelling, as listed in the files, at rank 1 or
among the first five; `likely` and `sure` those with a similarity of at least LIKELY or SURE.

Then the 2,000 most frequent English words that are no names (lower case nine times in ten), and the next 2,000, are
looked up among the Arabic words of a news corpus: the share that matches any word, by similarity, and the matches with
the highest similarity, to be judged by eye.

Finally, whole searches: each name of the dev file and of the evaluation files as a query among articles of one name
each, and how many of the 4,000 common words are taken for a name in the sample corpus.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from index import Index, load_encoder
from index.ingest import ingest
from index.text.folding import fold
from index.text.names import LIKELY, SURE, NameIndex, match
from search import Engine
from search.query import Expander, parse
from search.types import Mode
from training.letter_groups import Pairs
from training.names import DEV, EVALUATION, read

NAMES = "data/eval/translit_anetac/named_entities.tsv"
THRESHOLDS = (0.4, LIKELY, 0.6, 0.7, 0.8, 0.9, 0.95, SURE)


def answers(pairs: Pairs) -> dict[str, set[str]]:
    """Every spelling that is right for each name."""
    right: dict[str, set[str]] = defaultdict(set)
    for query, answer in pairs:
        right[query].add(answer)
    return right


def retrieval(pairs: Pairs, listed: Pairs, label: str) -> None:
    pool = sorted({answer for _, answer in [*listed, *pairs]})
    right = answers([*listed, *pairs])
    started = time.perf_counter()
    index = NameIndex.build(pool)
    built = time.perf_counter() - started
    first = five = likely = sure = 0
    started = time.perf_counter()
    for query, _ in pairs:
        matches = match(query, [index], limit=5, least=0)
        good = [rank for rank, (_, position, _) in enumerate(matches) if pool[position] in right[query]]
        first += good[:1] == [0]
        five += bool(good)
        best = max((matches[rank][2] for rank in good), default=0.0)
        likely += best >= LIKELY
        sure += best >= SURE
    spent = (time.perf_counter() - started) / len(pairs)
    n = len(pairs)
    print(
        f"{label:<22} {n:>6,} {len(pool):>7,} {first / n:>7.1%} {five / n:>7.1%} {likely / n:>7.1%} {sure / n:>7.1%} "
        f"{spent * 1e3:>8.2f} {built:>8.2f}"
    )


def texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield f"{record.get('title') or ''} {record.get('text') or ''}"


def common_words(path: Path, documents: int = 8000) -> list[str]:
    """English words by frequency, those that are names (capital letters more than once in ten) left out."""
    small: Counter[str] = Counter()
    all_words: Counter[str] = Counter()
    for _, text in zip(range(documents), texts(path), strict=False):
        for word in re.findall(r"[A-Za-z]+", text):
            all_words[word.lower()] += 1
            small[word] += word.islower()
    return [word for word, count in all_words.most_common() if len(word) > 1 and small[word] >= 0.9 * count]


def arabic_words(path: Path) -> list[str]:
    """The folded words that stand at least twice in a corpus."""
    counts: Counter[str] = Counter()
    for text in texts(path):
        counts.update(re.findall(r"[\u0621-\u064a]+", text))
    folded: Counter[str] = Counter()
    for word, count in counts.items():
        folded[fold(word)] += count
    return sorted(word for word, count in folded.items() if count > 1)


def false_matches(words: list[str], vocabulary: list[str]) -> None:
    started = time.perf_counter()
    index = NameIndex.build(vocabulary)
    print(f"\n{len(vocabulary):,} Arabic words of a news corpus, indexed in {time.perf_counter() - started:.2f} s")
    print(f"{'similarity of':<22}" + "".join(f"{least:>8}" for least in THRESHOLDS))
    for label, part in (("words 1 to 2,000", words[:2000]), ("words 2,001 to 4,000", words[2000:4000])):
        started = time.perf_counter()
        found = {word: match(word, [index], limit=1, least=0) for word in part}
        spent = (time.perf_counter() - started) / len(part)
        best = {word: matches[0] for word, matches in found.items() if matches}
        shares = [sum(similar >= least for *_, similar in best.values()) / len(part) for least in THRESHOLDS]
        print(f"{label:<22}" + "".join(f"{share:>8.1%}" for share in shares) + f"   {spent * 1e3:.2f} ms a word")
        top = sorted(best, key=lambda word: -best[word][2])[:40]
        print("  surest:", ", ".join(f"{word} {vocabulary[best[word][1]]} {best[word][2]:.2f}" for word in top))


def typed_alone(engine: Engine, pairs: Pairs, listed: Pairs, label: str) -> None:
    right = answers([*listed, *pairs])
    for mode in (Mode.HYBRID, Mode.LEXICAL):
        first = five = 0
        for query, _ in pairs:
            names = [hit.article.text for hit in engine.search(query, 5, mode).hits]
            good = [rank for rank, name in enumerate(names) if name in right[query]]
            first += good[:1] == [0]
            five += bool(good)
        print(f"{label:<22} {mode.value:<8} {len(pairs):>6,} {first / len(pairs):>7.1%} {five / len(pairs):>7.1%}")


def indexed(folder: Path, sources: list[str]) -> Index:
    index = Index.create(folder, load_encoder())
    ingest(index, sources, load_encoder())
    return index


def searched(sets: dict[str, Pairs], listed: Pairs, common: list[str]) -> None:
    print(f"\n{'typed alone':<22} {'mode':<8} {'names':>6} {'first':>7} {'in five':>7}")
    with tempfile.TemporaryDirectory() as place:
        for direction in ("en-ar", "ar-en"):
            if direction == "ar-en":
                listed = [(b, a) for a, b in listed]
                sets = {label: [(b, a) for a, b in pairs] for label, pairs in sets.items()}
            pool = sorted({answer for pairs in [listed, *sets.values()] for _, answer in pairs})
            articles = Path(place) / f"{direction}.jsonl"
            rows = ({"id": str(i), "text": name} for i, name in enumerate(pool))
            articles.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
            engine = Engine(indexed(Path(place) / direction, [str(articles)]))
            for label, pairs in sets.items():
                typed_alone(engine, pairs, listed, f"{label} {direction}")
        with indexed(Path(place) / "corpus", ["corpus"]).reading() as view:
            expander = Expander(view.vocabulary)
            senses = [sense for word in common for sense in expander.expand(parse(word))]
    named = [s.token.word for s in senses if any(kind == "name" for _, kind, _ in s.terms)]
    print(f"{len(named)} of {len(common):,} common words are taken for names in the sample corpus: {', '.join(named)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    files = [read(shared / file) for file in EVALUATION]
    listed = [pair for rows in [read(shared / NAMES), *files] for pair in rows]
    columns = "".join(f"{column:>8}" for column in ("first", "in five", "likely", "sure"))
    print(f"{'':<22} {'names':>6} {'among':>7}{columns} {'ms/name':>8} {'build s':>8}")
    for file, pairs in zip(EVALUATION, files, strict=True):
        name = file.split("/")[-2].removeprefix("translit_")
        retrieval(pairs, listed, f"{name} en-ar")
        retrieval([(b, a) for a, b in pairs], [(b, a) for a, b in listed], f"{name} ar-en")
    words = common_words(shared / "data/news/allsides_en.jsonl.gz")
    false_matches(words, arabic_words(shared / "data/news/antcorpus_multisource.jsonl.gz"))
    sets = {name.split("/")[-2].removeprefix("translit_"): pairs for name, pairs in zip(EVALUATION, files, strict=True)}
    searched({"dev": read(shared / DEV)} | sets, listed, words[:4000])


if __name__ == "__main__":
    main()
