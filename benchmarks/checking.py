"""What `check` says of texts with one planted alteration, and of texts that say nothing else.

    python -m benchmarks.checking [--data ../shared/data] [--count N] [--show] [--claims]

planted  Sentences and whole articles of the news and of corpus/ with one number, name, negation or date changed; the
         archive holds the article as it was, among thousands. named: the article is called altered, and an alteration
         of the planted kind has the planted words. As controls the same texts as they are, and as another paper types
         them: how often the article is called altered (false), or printed; and sentences of articles that are not in
         the archive: how often any article is called altered. Those are templates, or false.
claims   CheckThat! 2021 task 2A, dev, a measure only: tweets against verified claims; share of them with the claim
         among the first ten findings.

With --show each miss and each false alteration is printed.
"""

import argparse
import gzip
import json
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.duplicates import DATA, NAMES, repunctuated, retyped, vocalised
from index.encoders import load_encoder
from index.ingest import ingest
from index.local import Index
from index.text import language, sentences
from index.types import Article
from search import Engine
from search.coverage import check
from search.types import Kind

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "corpus.jsonl"
FILES = (("ar", "antcorpus_multisource"), ("en", "allsides_en"))
ARTICLES = 2_000
WORDS = range(8, 41)  # of a sentence


class Planted(NamedTuple):
    """A text with one alteration: the words now, and the words as they were."""

    text: str
    now: str
    was: str


Plant = Callable[[str, random.Random, Sequence[str]], Planted | None]


def _put(text: str, place: re.Match[str], word: str) -> Planted:
    return Planted(text[: place.start()] + word + text[place.end() :], word, place[0])


NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "twenty", "fifty")
MONTHS = (
    ("January", "February", "April", "June", "July", "August", "September", "October", "November", "December"),
    ("يناير", "فبراير", "أبريل", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
)
WEEKDAYS = (
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
)


def number(text: str, chance: random.Random, names: Sequence[str]) -> Planted | None:
    """Another number in digits, or another English number word."""
    digits = r"(?<![\d.,/:\w-])\d{1,3}(?:,\d{3})*(?![\d.,/:\w-])|(?<![\d.,/:\w-])\d+(?![.,/:]?\d|\w|-)"
    places = [m for m in re.finditer(rf"{digits}|\b(?:{'|'.join(NUMBERS)})\b", text) if not _is_dated(text, m)]
    if not places:
        return None
    place = chance.choice(places)
    if not place[0][0].isdigit():
        return _put(text, place, chance.choice([word for word in NUMBERS if word != place[0]]))
    old = int(place[0].replace(",", ""))
    new = old + chance.randint(1, max(9, old // 2))
    return _put(text, place, f"{new:,}" if "," in place[0] else str(new))


def _is_dated(text: str, place: re.Match[str]) -> bool:
    around = text[max(0, place.start() - 14) : place.end() + 14]
    months = (*MONTHS[0], *MONTHS[1], "March", "May", "مارس", "مايو", "آذار")
    return bool(re.fullmatch(r"(?:19|20)\d\d", place[0])) or any(month[:3] in around for month in months)


def name(text: str, chance: random.Random, names: Sequence[str]) -> Planted | None:
    """Another name: in English any capitalised word that is never written small, in Arabic one of a list."""
    rows = NAMES if language(text) == "ar" else (names,)
    known = [
        (m, row) for row in rows for m in re.finditer(r"(?<=[\w,] )(?<!\w)[\w ]+?(?!\w)", text) if m[0] in set(row)
    ]
    if not known:
        return None
    place, row = chance.choice(known)
    return _put(text, place, chance.choice([other for other in row if other not in text and place[0] not in other]))


def negation(text: str, chance: random.Random, names: Sequence[str]) -> Planted | None:
    """A negation more, or one less."""
    if language(text) == "ar":
        verbs = list(re.finditer(r"(?<![\w#])(?<!لا )(?<!لم )(?<!لن )(?<![ً-ْ])[يت][ء-ي]{3,5}(?![\wً-ْ])", text))
        if not verbs:
            return None
        verb, word = chance.choice(verbs).start(), chance.choice(("لا", "لم", "لن"))
        return Planted(f"{text[:verb]}{word} {text[verb:]}", word, "")
    less = list(re.finditer(r"\bnot ", text))
    more = list(re.finditer(r"(?<=\b(?:is|as|ll|ld|an|re) )(?=[a-z])", re.sub(r"\bnot\b", "nay", text)))
    more = [
        m for m in more if re.search(r"\b(?:is|was|has|will|would|should|could|can|are|were) \Z", text[: m.start()])
    ]
    if not less and not more:
        return None
    place = chance.choice(less or more)
    return _put(text, place, "" if place[0] else "not ")


def date(text: str, chance: random.Random, names: Sequence[str]) -> Planted | None:
    """Another weekday, month or year."""
    rows = (*MONTHS, *WEEKDAYS)
    known = [(m, row) for row in rows for m in re.finditer(rf"\b(?:{'|'.join(row)})\b", text)]
    years = list(re.finditer(r"(?:(?<=\bin )|(?<=عام ))(?:19|20)\d\d\b", text))
    if years and (not known or chance.random() < 0.3):
        place = chance.choice(years)
        return _put(text, place, str(int(place[0]) - chance.randint(1, 9)))
    if not known:
        return None
    place, row = chance.choice(known)
    return _put(text, place, chance.choice([other for other in row if other not in text]))


KINDS: dict[str, Plant] = {"number": number, "name": name, "negation": negation, "date": date}


def archive(data: Path, folder: Path) -> tuple[Engine, dict[str, list[Article]], dict[str, list[Article]]]:
    """An engine over news and corpus/, the articles in it by where they are from, and as many that are not in it."""
    left = defaultdict(list)
    with (folder / "held.jsonl").open("w", encoding="utf-8") as file:
        for where, name in FILES:
            with gzip.open(data / "news" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
                rows = [json.loads(line) for line in islice(lines, 2 * ARTICLES)]
            for n, row in enumerate(rows):
                if n % 2:
                    left[f"news {where}"].append(Article(f"left-{n}", row["title"], row["text"], where))
                else:
                    held = {"_id": f"news {where} {n}", "title": row["title"], "text": row["text"], "lang": where}
                    file.write(json.dumps(held, ensure_ascii=False) + "\n")
    encoder = load_encoder()
    made = Index.create(folder / "index", encoder)
    ingest(made, [str(folder / "held.jsonl"), str(CORPUS)], encoder)
    known = defaultdict(list)
    for _, article in made.articles():
        of_news = article.id.startswith("news ")
        known[article.id[: len("news ar")] if of_news else f"corpus {article.language}"].append(article)
    return Engine(made, encoder), known, left


def names_in(articles: Iterable[Article]) -> list[str]:
    """The words that stand with a capital inside English sentences, and never without."""
    text = "\n".join(article.text for article in articles)
    small = set(re.findall(r"\b[a-z]+\b", text))
    known = {word for words in (*MONTHS, *WEEKDAYS) for word in words} | {"March", "May"}
    found = set(re.findall(r"(?<=[a-z] )[A-Z][a-z]{3,}(?= [a-z])", text))
    return sorted(word for word in found - known if word.lower() not in small)


def sentence(article: Article, chance: random.Random) -> str | None:
    """Any sentence of an article of `WORDS` words."""
    found = [article.text[a:b] for a, b in sentences(article.text)]
    fit = [one for one in found if len(one.split()) in WORDS]
    return chance.choice(fit) if fit else None


def planted(data: Path, count: int, show: bool) -> None:
    """The tables of planted alterations, and of texts that say the same or are in no article."""
    chance = random.Random(24)
    with tempfile.TemporaryDirectory() as place:
        engine, held, left = archive(data, Path(place))
        names = names_in(article for article in (*held["news en"], *left["news en"]))
        print(f"{len(names):,} names, {', '.join(f'{len(a):,} articles of {where}' for where, a in held.items())}\n")
        print(f"{'':14}{'planted':12}{'texts':>14}{'asked':>7}{'altered':>9}{'named':>8}")
        for where, articles in held.items():
            for kind, plant in KINDS.items():
                for size in ("sentence", "article"):
                    few = count if size == "sentence" else count // 4
                    _alterations(engine, where, kind, plant, size, _sample(articles, chance), few, chance, names, show)
        print(f"\n{'':14}{'as it is printed':28}{'asked':>7}{'printed':>9}{'false':>8}")
        for where, articles in held.items():
            _controls(engine, where, _sample(articles, chance), count, chance, show)
        print(f"\n{'':14}{'in no article':28}{'asked':>7}{'altered':>9}")
        for where, articles in left.items():
            _absent(engine, where, _sample(articles, chance), count, chance, show)


def _sample(articles: Sequence[Article], chance: random.Random) -> list[Article]:
    return chance.sample(list(articles), len(articles))


def _alterations(
    engine: Engine,
    where: str,
    kind: str,
    plant: Plant,
    size: str,
    articles: Iterable[Article],
    count: int,
    chance: random.Random,
    names: Sequence[str],
    show: bool,
) -> None:
    asked = altered = named = 0
    for article in articles:
        text = sentence(article, chance) if size == "sentence" else article.text
        made = plant(text, chance, names) if text else None
        if not made or asked == count:
            continue
        asked += 1
        checked = check(engine, made.text)
        found = [one for one in checked.findings if one.article.id == article.id and one.kind is Kind.ALTERED]
        right = any(
            one.kind == kind and made.now.strip() in one.asked and made.was.strip() in one.printed
            for finding in found
            for one in finding.alterations
        )
        altered, named = altered + bool(found), named + right
        if show and not right:
            kinds = [(str(f.kind), f.alterations) for f in checked.findings if f.article.id == article.id]
            print(f"    {kind} {made.was!r} -> {made.now!r} {kinds}: {made.text[:300]}")
    if asked:
        print(f"{where:14}{kind:12}{size:>14}{asked:7}{altered / asked:9.3f}{named / asked:8.3f}", flush=True)


def _controls(
    engine: Engine, where: str, articles: Iterable[Article], count: int, chance: random.Random, show: bool
) -> None:
    edits = {"the same": lambda text, _: text, "other punctuation": repunctuated}
    edits |= {"vocalised": vocalised, "careless letters": retyped} if where.endswith("ar") else {}
    texts = [(a, text) for a in articles if (text := sentence(a, chance))][:count]
    for edit, change in edits.items():
        printed = false = 0
        for article, text in texts:
            findings = check(engine, change(text, chance)).findings
            (kind, told) = next(((f.kind, f.alterations) for f in findings if f.article.id == article.id), ("none", ()))
            false += kind is Kind.ALTERED
            printed += kind in (Kind.EXACT, Kind.NEAR, Kind.CONTAINED)
            if show and kind not in (Kind.EXACT, Kind.NEAR, Kind.CONTAINED):
                print(f"    {edit}: {kind} {told}: {text[:300]}")
        print(f"{where:14}{edit:28}{len(texts):7}{printed / len(texts):9.3f}{false / len(texts):8.3f}", flush=True)


def _absent(
    engine: Engine, where: str, articles: Iterable[Article], count: int, chance: random.Random, show: bool
) -> None:
    texts = [text for article in articles if (text := sentence(article, chance))][:count]
    altered = 0
    for text in texts:
        found = [one for one in check(engine, text).findings if one.kind is Kind.ALTERED]
        altered += bool(found)
        if show and found:
            print(f"    {found[0].alterations}: {text[:300]} <> {found[0].said[:300]}")
    print(f"{where:14}{'':28}{len(texts):7}{altered / len(texts):9.3f}", flush=True)


def claims(data: Path) -> None:
    """Recall of the first ten findings for the claims of CheckThat."""
    folder = data / "eval" / "checkthat_ar_2a" / "dev"
    right = defaultdict(set)
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, article, _ = line.split("\t")
        right[query].add(article)
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as place:
        encoder = load_encoder()
        made = Index.create(Path(place) / "index", encoder)
        ingest(made, [str(folder / "corpus.jsonl")], encoder)
        engine = Engine(made, encoder)
        by_check = by_search = 0.0
        for query in queries:
            wanted = right[query["_id"]]
            found = [one.article.id for one in check(engine, query["text"]).findings[:10]]
            ranked = [name for name, _ in engine.run(query["text"], 10)]
            by_check += len(wanted & set(found)) / len(wanted)
            by_search += len(wanted & set(ranked)) / len(wanted)
    of_check, of_search = by_check / len(queries), by_search / len(queries)
    print(f"{len(queries)} claims, R@10 of findings {of_check:.3f}, of search {of_search:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--count", type=int, default=100, help="texts of each kind")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--claims", action="store_true", help="the claims of CheckThat instead")
    options = parser.parse_args()
    if options.claims:
        claims(options.data)
    else:
        planted(options.data, options.count, options.show)
