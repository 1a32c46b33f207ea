"""Training: what is kept out of it, and that it learns, on data made here."""

import gzip
import json
import random
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from training.data import Pair as TrainingPair
from training.data import collect, headlines
from training.exclusion import Exclusion, evaluation_rows
from training.tokenizer import base, learn, normalizer, words_of

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is absent")

HELD = "The harbour master counted nineteen grey boats before the storm reached the old pier"
HELD_SHORT = "We painted the small kitchen yellow"
HELD_ARABIC = "عدّ مدير الميناء تسعة عشر قارباً رمادياً قبل العاصفة"  # the harbour master counted nineteen grey boats


@pytest.fixture
def exclusion(tmp_path: Path) -> Exclusion:
    (tmp_path / "bitext").mkdir()
    (tmp_path / "bitext" / "pairs.tsv").write_text(f"{HELD}\t{HELD_ARABIC}\n", encoding="utf-8")
    (tmp_path / "bitext" / "names.tsv").write_text("Damrosa\tدامروسا | دمروسا\n", encoding="utf-8")
    record = {"_id": "1", "title": "", "text": HELD_SHORT}
    (tmp_path / "corpus.jsonl").write_text(json.dumps(record), encoding="utf-8")
    return Exclusion(evaluation_rows(tmp_path))


def kept(exclusion: Exclusion, left: str, right: str) -> bool:
    return bool(collect([TrainingPair(left, right, "prose", 1, "test")], exclusion).left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (HELD, "نص آخر لا علاقة له"),  # another text without relation
        ("an unrelated text altogether", HELD_ARABIC),
        (HELD.upper() + "!", "نص آخر"),
        ("Something else", "عد مدير الميناء تسعه عشر قاربا رماديا قبل العاصفه"),  # without marks, hamza, teh marbuta
        ("Yesterday " + HELD + ", says the log of the port authority", "نص آخر"),
        ("Then we painted the small kitchen yellow", "نص آخر"),
        ("damrosa", "دمروسا"),
    ],
)
def test_texts_of_an_evaluation_set_and_their_near_copies_are_left_out(exclusion, left: str, right: str) -> None:
    assert not kept(exclusion, left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("The harbour was closed because of the storm", "أُغلق الميناء بسبب العاصفة"),
        ("We painted the house", "دهنّا البيت"),
        ("Damrosa", "اسم آخر"),  # another name: a name alone says nothing
    ],
)
def test_other_texts_on_the_same_subject_stay(exclusion, left: str, right: str) -> None:
    assert kept(exclusion, left, right)


def test_the_reasons_are_counted(exclusion) -> None:
    pairs = [TrainingPair(HELD, "نص", "prose", 1, "test"), TrainingPair("A free text", "نص حر", "prose", 1, "test")]
    assert collect(pairs, exclusion).excluded == {"the same text": 1}


def test_an_article_gives_its_headline_with_its_lead_and_with_a_stretch_of_its_body(tmp_path: Path) -> None:
    body = " ".join(f"word{i}" for i in range(400))
    with gzip.open(tmp_path / "paper.jsonl.gz", "wt", encoding="utf-8") as out:
        for article in ({"title": "Headline", "text": f"Headline\n{body}"}, {"title": "Caption", "text": "too short"}):
            out.write(json.dumps({"lang": "en", **article}) + "\n")
    lead, stretch = headlines(tmp_path, seed=1)
    assert (lead.left, lead.kind) == ("Headline", "news-en")
    assert body.startswith(lead.right)
    assert stretch.right in body
    assert len(stretch.right.split()) <= 90


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("والمُدَرِّسات", "مدرس"),  # and the (female) teachers
        ("بالمدارس", "مدارس"),  # in the schools
        ("للأولاد", "اولاد"),  # for the boys
        ("إسلامية", "اسلام"),  # Islamic
        ("على", "عل"),  # on: the last letter goes, as a dotless yeh would
        ("Élection ١٤", "election 14"),
        ("\u200fی\u200cک", "يك"),
    ],
)
def test_folding_brings_spellings_and_inflections_together(written: str, folded: str) -> None:
    assert normalizer().normalize_str(written) == folded


def test_a_first_letter_is_a_proclitic_only_where_the_rest_is_the_commoner_word() -> None:
    counts = Counter({"مدرس": 50, "بمدرس": 5, "بلد": 40, "لد": 2, "elections": 4, "election": 9, "news": 30, "new": 90})
    assert base("بمدرس", counts) == "مدرس"  # in a school
    assert base("بلد", counts) == "بلد"  # a country, not "in ld"
    assert base("elections", counts) == "election"
    assert base("news", counts) == "news"


def test_words_of_one_base_share_a_row_and_rare_words_break_into_pieces() -> None:
    counts = Counter({"وزير": 30, "لوزير": 9, "minister": 30, "ministers": 8, "ministry": 1, "وزارات": 1})
    tokenizer, mapping = learn(counts, rows=500, pieces=60)
    rows = {token: mapping[number] for token, number in tokenizer.get_vocab().items()}
    assert rows["وزير"] == rows["لوزير"] != rows["minister"] == rows["ministers"]
    assert len(tokenizer.encode("ministry").tokens) > 1
    assert tokenizer.encode("minister, (ministers)!").tokens == ["minister", "ministers"]


def test_words_are_what_the_tokenizer_looks_up() -> None:
    assert words_of("قمه_2024: it's open") == ["قمه", "2024", "it", "s", "open"]


@needs_torch
def test_a_short_training_learns_which_words_mean_the_same(tmp_path: Path) -> None:
    import torch

    from index.encode import StaticEncoder
    from training.export import save
    from training.train import Pairs, Ragged, Recipe, fit

    torch.set_num_threads(1)  # the tables are tiny, and other tests run beside this one
    rng = random.Random(3)
    english, arabic = [f"en{i}" for i in range(40)], [f"ar{i}" for i in range(40)]
    sentences = [rng.sample(range(40), 4) for _ in range(600)]
    tokenizer, mapping = learn(Counter(dict.fromkeys(english + arabic, 9)), rows=500, pieces=40)

    def side(words: list[str]) -> Ragged:
        ids = [mapping[tokenizer.encode(" ".join(words[i] for i in chosen)).ids] for chosen in sentences]
        return Ragged(np.concatenate(ids), np.cumsum([0, *map(len, ids)]))

    table = torch.randn(int(mapping.max()) + 1, 32, generator=torch.Generator().manual_seed(1)) * 0.05
    pairs = Pairs(side(english), side(arabic), np.zeros(600, np.int64), np.ones(600))
    fit(pairs, table, Recipe(dim=32, epochs=15, batch=64), report=lambda _: None)
    save(table.numpy(), mapping, tokenizer, tmp_path)
    encoder = StaticEncoder(tmp_path)
    nearest = (encoder.encode(english) @ encoder.encode(arabic).T).argmax(axis=1)
    assert (nearest == np.arange(40)).mean() > 0.9
