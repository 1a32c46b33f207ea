"""Copies of news found, templates refused, and what it costs.

    python -m benchmarks.duplicates planted|templates|translated|cost [--data ../shared/data] [--articles N]

planted    originals from antcorpus beside seven copies of each; precision, recall and F1 over all pairs. Only originals
           that no other article resembles are taken, for the news has copies of its own.
templates  the same real texts with one number, name, negation or date changed, and the ANS headline pairs.
translated the 246 NTREX documents: how often the translation comes first among all others, ranked by cosine and
           facts, and the precision and recall of the translated tier.
cost       seconds and memory for sketches, candidates, judging and grouping, in growing slices of the corpus; beside
           MinHash LSH of datasketch and rensa where these are installed, on the same folded words.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import random
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

from index.encoders.load import load_encoder
from index.text.fingerprints import sketches
from index.text.tokens import terms
from index.types import Article
from search.coverage.candidates import candidate_pairs
from search.coverage.copies import copies, groups, judge
from search.coverage.retellings import LEAST, resemblance, retold_links
from search.coverage.texts import Texts
from search.types import Link, Tier

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
FILES = ("antcorpus_multisource", "antcorpus_jawhara")
MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"
Edit = Callable[[str, random.Random], str]


def articles(data: Path, limit: int | None = None) -> list[Article]:
    rows = []
    for name in FILES:
        with gzip.open(data / "news" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows += [json.loads(line) for line in lines]
    return [
        Article(str(n), row["title"], row["text"], "ar", row.get("date_iso"), row.get("source"))
        for n, row in enumerate(rows[:limit])
    ]


def links(pool: Sequence[Article]) -> list[Link]:
    """What the search for duplicates does over a whole index."""
    return copies(pool, sketches([article.text for article in pool]))


# Copies: each takes a text and gives it back as another paper would print it.


def edited(vocabulary: Sequence[str]) -> Edit:
    def edit(text: str, chance: random.Random) -> str:
        pieces = re.split(r"(\s+)", text)
        places = [n for n in range(0, len(pieces), 2) if pieces[n]]
        for n in chance.sample(places, max(1, len(places) // 20)):
            match chance.randrange(4):
                case 0:
                    pieces[n] = chance.choice(vocabulary)
                case 1:
                    pieces[n] = ""
                case 2:
                    pieces[n] += " " + chance.choice(vocabulary)
                case 3 if n + 2 < len(pieces):
                    pieces[n], pieces[n + 2] = pieces[n + 2], pieces[n]
        return "".join(pieces)

    return edit


def cut(text: str, chance: random.Random) -> str:
    words = re.findall(r"\S+\s*", text)
    kept = math.ceil(0.4 * len(words))
    start = chance.choice((0, 0, 0, chance.randrange(len(words) - kept + 1)))  # most papers cut from the end
    return "".join(words[start : start + kept])


def extended(others: Sequence[str]) -> Edit:
    return lambda text, chance: chance.choice(("{0}\n{1}", "{1}\n{0}")).format(text, chance.choice(others))


def repunctuated(text: str, chance: random.Random) -> str:
    text = re.sub(r"(?<!\d)[.,،؛;:!?؟](?!\d)", lambda m: chance.choice((m[0], "", " ", "،", "..", " -")), text)
    return re.sub(
        r"[\"«»“”]",
        lambda _: chance.choice(('"', "«", "”", "")),
        re.sub(r" ", lambda _: chance.choice(" \u00a0"), text),
    )


def vocalised(text: str, chance: random.Random) -> str:
    return re.sub(r"[ء-ي]", lambda m: m[0] + (chance.choice(MARKS) if chance.random() < 0.6 else ""), text)


def retyped(text: str, chance: random.Random) -> str:
    swaps = {"ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ؤ": "و"}
    text = re.sub("[أإآؤ]", lambda m: swaps[m[0]] if chance.random() < 0.7 else m[0], text)
    return re.sub(r"[ةى]\b", lambda m: swaps[m[0]] if chance.random() < 0.7 else m[0], text)


def both(first: Edit, second: Edit) -> Edit:
    return lambda text, chance: second(first(text, chance), chance)


def planted(data: Path, count: int) -> None:
    chance = random.Random(5)
    corpus = articles(data)
    chance.shuffle(corpus)
    reserve, corpus = [article.text for article in corpus[:2000]], corpus[2000:]
    related = set(candidate_pairs(sketches([article.text for article in corpus])).ravel().tolist())
    originals = [article for n, article in enumerate(corpus) if n not in related][:count]
    vocabulary = [word for text in reserve for word in text.split()]
    edit = edited(vocabulary)
    kinds: dict[str, Edit] = {
        "5% of words edited": edit,
        "cut to 40%": cut,
        "extended": extended(reserve),
        "re-punctuated": repunctuated,
        "vocalised": vocalised,
        "retyped": retyped,
        "cut and edited": both(cut, edit),
    }
    pool, family = [], {}
    for original in originals:
        for kind, change in {"original": lambda text, _: text, **kinds}.items():
            copy = replace(original, id=f"{original.id} {kind}", text=change(original.text, chance))
            pool.append(copy)
            family[copy.id] = (original.id, kind)
    chance.shuffle(pool)
    start = time.perf_counter()
    found = {frozenset((link.a, link.b)): link.tier for link in links(pool)}
    seconds = time.perf_counter() - start
    right = [pair for pair in found if len({family[name][0] for name in pair}) == 1]
    by_family: dict[str, list[str]] = {}
    for name, (origin, _) in family.items():
        by_family.setdefault(origin, []).append(name)
    # Two separate cuts of one text may share nothing: they are copies of the original, not of each other.
    cuts = ("cut to 40%", "cut and edited")
    wanted = [
        frozenset(pair)
        for members in by_family.values()
        for pair in combinations(members, 2)
        if not all(family[name][1] in cuts for name in pair)
    ]
    hits = sum(pair in found for pair in wanted)
    spare = sum(all(family[name][1] in cuts for name in pair) for pair in right)
    precision, recall = hits / (len(found) - spare), hits / len(wanted)
    print(f"{len(originals):,} originals, {len(pool):,} articles, {seconds:.1f} s")
    print(f"precision {precision:.4f}  recall {recall:.4f}  F1 {2 * precision * recall / (precision + recall):.4f}")
    print(f"\n{'the original beside its copy':32}{'found':>8}  tiers")
    for kind in kinds:
        tiers = [found.get(frozenset((f"{o.id} original", f"{o.id} {kind}"))) for o in originals]
        counts = ", ".join(f"{tier} {n}" for tier, n in Counter(str(tier) for tier in tiers if tier).most_common())
        print(f"{kind:32}{sum(map(bool, tiers)) / len(tiers):8.3f}  {counts}")
    rivals(
        pool,
        {"contained": {pair for pair in wanted if any(family[name][1] in cuts for name in pair)}, "all": set(wanted)},
    )
    contained = [pair for pair in wanted if any(family[name][1] in cuts for name in pair)]
    print(
        f"{'this':24}{seconds:8.1f} s  recall of cut copies {sum(p in found for p in contained) / len(contained):.3f}"
    )


def rivals(pool: Sequence[Article], wanted: dict[str, set[frozenset[str]]] | None = None) -> None:
    """MinHash LSH with 128 permutations and the thresholds their documentation starts from, on folded words."""
    print(f"\n{'MinHash LSH':24}{'':8}")
    for name, run in (("datasketch", _datasketch), ("rensa", _rensa)):
        start = time.perf_counter()
        try:
            found = run(pool)
        except ImportError:
            print(f"{name:24}not installed")
            continue
        seconds = time.perf_counter() - start
        text = "  ".join(
            f"recall of {kind} copies {len(pairs & found) / len(pairs):.3f}" for kind, pairs in (wanted or {}).items()
        )
        print(f"{name:24}{seconds:8.1f} s  pairs {len(found):,}  {text}")


def _datasketch(pool: Sequence[Article]) -> set[frozenset[str]]:
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH()
    found = set()
    for article in pool:
        minhash = MinHash()
        minhash.update_batch([term.encode() for term in set(terms(article.text))])
        found |= {frozenset((article.id, other)) for other in lsh.query(minhash)}
        lsh.insert(article.id, minhash)
    return found


def _rensa(pool: Sequence[Article]) -> set[frozenset[str]]:
    from rensa import RMinHash, RMinHashLSH

    lsh = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    found = set()
    for n, article in enumerate(pool):
        minhash = RMinHash(num_perm=128, seed=42)
        minhash.update(terms(article.text))
        found |= {frozenset((article.id, pool[other].id)) for other in lsh.query(minhash)}
        lsh.insert(n, minhash)
    return found


# Templates: each takes a text and gives another story in the same words, or None where there is nothing to change.

NAMES = (
    ("ترامب", "بوتين", "ماكرون", "ميركل", "السيسي", "أردوغان", "روحاني", "نتنياهو", "السبسي", "جونسون"),
    ("فرنسا", "ألمانيا", "روسيا", "تركيا", "إيران", "سوريا", "العراق", "تونس", "مصر", "اليمن", "السعودية"),
    ("ريال مدريد", "برشلونة", "ليفربول", "يوفنتوس", "تشيلسي"),
    ("محمد", "أحمد", "حسن", "خالد", "إبراهيم", "يوسف", "محمود", "سامي"),  # not عمر, mostly age: "عمر 52 عاما"
    ("القاهرة", "لندن", "باريس", "موسكو", "دمشق", "بغداد", "الرياض", "صنعاء", "صفاقس", "سوسة", "طرابلس"),
)
DAYS = ("الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت")


def other_number(text: str, chance: random.Random) -> str | None:
    places = list(re.finditer(r"(?<![\d.,/:])\d+(?![\d.,/:])", text))
    if not places:
        return None
    place = chance.choice(places)
    return text[: place.start()] + str(int(place[0]) + chance.randint(1, 30)) + text[place.end() :]


def other_name(text: str, chance: random.Random) -> str | None:
    known = [(name, row) for row in NAMES for name in row if re.search(rf"(?<!\w){name}(?!\w)", text)]
    if not known:
        return None
    name, row = chance.choice(known)
    other = chance.choice([other for other in row if other not in text] or [""])
    return re.sub(rf"(?<!\w){name}(?!\w)", other, text) if other else None


def other_day(text: str, chance: random.Random) -> str | None:
    known = [day for day in DAYS if re.search(rf"(?<!\w){day}(?!\w)", text)]
    if not known:
        return None
    day = chance.choice(known)
    return re.sub(
        rf"(?<!\w){day}(?!\w)", chance.choice([other for other in DAYS if other not in text] or [day + "،"]), text
    )


def denied(text: str, chance: random.Random) -> str | None:
    verbs = list(re.finditer(r"(?<!\w)(?:ي|ت)[ء-ي]{3,5}(?!\w)", text))
    if not verbs:
        return None
    place = chance.choice(verbs).start()
    return text[:place] + chance.choice(("لا ", "لم ", "لن ")) + text[place:]


def templates(data: Path, count: int) -> None:
    chance = random.Random(6)
    sample = chance.sample(articles(data), 4 * count)
    print(f"{'changed':28}{'texts':>8}{'flagged':>9}{'share':>8}")
    for name, change in (
        ("a number", other_number),
        ("a name", other_name),
        ("a weekday", other_day),
        ("a negation", denied),
    ):
        pairs = ((article, change(article.text, chance)) for article in sample)
        made = [(article, text) for article, text in pairs if text and text != article.text][:count]
        flagged = sum(judge(article, replace(article, id="b", text=text)) is not None for article, text in made)
        print(f"{name:28}{len(made):8,}{flagged:9}{flagged / len(made):8.4f}")
    for label in ("disagree", "agree"):
        pairs_ = [row for row in _ans(data) if row["label"] == label]
        flagged = sum(
            judge(Article("a", "", row["s1"], "ar"), Article("b", "", row["s2"], "ar")) is not None for row in pairs_
        )
        print(f"{'ANS headlines, ' + label:28}{len(pairs_):8,}{flagged:9}{flagged / len(pairs_):8.4f}")


def _ans(data: Path) -> Iterator[dict[str, str]]:
    for name in ("dev", "train"):
        with (data / "eval" / "ans" / f"{name}.tsv").open(encoding="utf-8") as lines:
            yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def translated(data: Path, _: int) -> None:
    with (data / "eval" / "ntrex" / "docs.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    pool = [Article(row["_id"], row["title"], row["text"], row["_id"][:2]) for row in rows]
    vectors = load_encoder().encode_passages([f"{article.title}\n{article.text}" for article in pool])
    cosines = vectors @ vectors.T
    first, texts = 0, Texts()
    for i, article in enumerate(pool):
        ranked = [j for j in np.argsort(-cosines[i]).tolist() if j != i]
        near = [
            j
            for here in (True, False)
            for j in [j for j in ranked if (pool[j].language == article.language) is here][:5]
        ]
        # A score across languages is compared with one within a language by how far each is above its threshold.
        tier = {j: Tier.REWRITTEN if pool[j].language == article.language else Tier.TRANSLATED for j in near}
        best = max(near, key=lambda j: resemblance(article, pool[j], float(cosines[i, j]), texts)[0] - LEAST[tier[j]])
        first += pool[best].id[2:] == article.id[2:]
    found = [link for link in retold_links(pool, vectors, links(pool)) if link.tier is Tier.TRANSLATED]
    right = sum(link.a[2:] == link.b[2:] for link in found)
    print(f"translation first  {first / len(pool):.4f} of {len(pool)}")
    precision, recall = right / len(found), right / (len(pool) / 2)
    print(f"translated tier    precision {precision:.4f}  recall {recall:.4f}  links {len(found)}")


def cost(data: Path, count: int | None) -> None:
    if count:
        print(json.dumps(_timed(articles(data, count))))
        return
    total = len(articles(data))
    steps = ("sketch", "read", "group", "total")
    print(f"{'articles':>9}{''.join(f'{step:>9}' for step in steps)}{'peak MB':>9}{'links':>8}{'stories':>9}")
    runs = []
    for size in (10_000, 20_000, total):
        command = [sys.executable, "-m", "benchmarks.duplicates", "cost", "--data", str(data), "--articles", str(size)]
        run = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        runs.append((size, run))
        times = "".join(f"{run[step]:9.1f}" for step in steps)
        print(f"{size:9,}{times}{run['peak']:9.0f}{run['links']:8,}{run['stories']:9,}")
    (first, small), (last, large) = runs[0], runs[-1]
    print(f"growth n^{math.log(large['total'] / small['total']) / math.log(last / first):.2f}")
    rivals(articles(data))


def _timed(pool: Sequence[Article]) -> dict[str, float]:
    clock = [time.perf_counter()]
    sketched = sketches([article.text for article in pool])
    clock.append(time.perf_counter())
    found = copies(pool, sketched)
    clock.append(time.perf_counter())
    stories = groups(pool, found)
    clock.append(time.perf_counter())
    steps = dict(zip(("sketch", "read", "group"), np.diff(clock).tolist(), strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {**steps, "total": clock[-1] - clock[0], "peak": peak, "links": len(found), "stories": len(stories)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("planted", "templates", "translated", "cost"))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--articles", type=int)
    options = parser.parse_args()
    if options.what == "cost":
        cost(options.data, options.articles)
    else:
        {"planted": planted, "templates": templates, "translated": translated}[options.what](
            options.data, options.articles or 1000
        )
