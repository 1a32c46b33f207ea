"""Training: what is kept out of it, and that it learns, on data made here."""

import gzip
import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tiny
from safetensors.numpy import save_file

from index.text.tokens import terms
from training import alignment
from training.data import Pair as TrainingPair
from training.data import collect, headlines
from training.exclusion import Exclusion, evaluation_rows
from training.forms import bases, groups
from training.inflection import form_of
from training.tokenizer import ASKED, base, learn, normalizer, words_of

HELD = "The harbour master counted nineteen grey boats before the storm reached the old pier"
HELD_SHORT = "We painted the small kitchen yellow"
HELD_ARABIC = "عدّ مدير الميناء تسعة عشر قارباً رمادياً قبل العاصفة"  # the harbour master counted nineteen grey boats


@pytest.fixture
def exclusion(tmp_path: Path) -> Exclusion:
    (tmp_path / "bitext").mkdir()
    (tmp_path / "bitext" / "pairs.tsv").write_text(f"{HELD}\t{HELD_ARABIC}\n", encoding="utf-8")
    (tmp_path / "bitext" / "names.tsv").write_text("Damrosa\tدامروسا | دمروسا\n", encoding="utf-8")
    (tmp_path / "translit_all").mkdir()
    (tmp_path / "translit_all" / "test.tsv").write_text("Ormelu\tأورميلو\n", encoding="utf-8")
    (tmp_path / "translit_all" / "named_entities.tsv").write_text("Belkora\tبلكورا\n", encoding="utf-8")
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
        ("Ormelu", "اورميلو"),
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
        ("Belkora", "بلكورا"),  # from a list of names that nothing is measured on
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
        ("والمُدَرِّسات", "مدرسات"),  # and the (female) teachers
        ("بالمدارس", "مدارس"),  # in the schools
        ("للأولاد", "اولاد"),  # for the boys
        ("والدي", "والدي"),  # my father: no article, too little would be left
        ("Élection ١٤", "election 14"),
        ("\u200fی\u200cک", "يك"),
    ],
)
def test_folding_brings_spellings_together_and_cuts_the_article(written: str, folded: str) -> None:
    assert normalizer().normalize_str(written) == folded


@pytest.mark.parametrize(
    ("word", "shared"),
    [
        ("بمدرس", "مدرس"),  # in a school
        ("بلد", "بلد"),  # a country, not "in ld"
        ("لبنان", "لبنان"),  # Lebanon, not a dual of لبن
        ("زغرفاتها", "زغرف"),  # an unknown rare word: its light stem
        ("elections", "election"),
        ("news", "news"),
    ],
)
def test_words_share_the_vector_of_a_known_word_and_rare_ones_that_of_their_stem(word: str, shared: str) -> None:
    counts = Counter({"election": 900, "elections": 400, "news": 900, "new": 2000, "لبنان": 900, "زغرفاتها": 4})
    assert base(word, counts) == shared


def test_words_of_one_base_share_a_row_and_rare_words_break_into_pieces() -> None:
    counts = Counter({"وزير": 30, "لوزير": 9, "minister": 30, "ministers": 8, "ministry": 1, "وزارات": 1})
    vocabulary = learn(counts, Counter(), rows=500, pieces=60)
    tokenizer = vocabulary.tokenizer
    rows = {token: vocabulary.mapping[number] for token, number in tokenizer.get_vocab().items()}
    assert rows["وزير"] == rows["لوزير"] != rows["minister"] == rows["ministers"]
    assert len(tokenizer.encode("ministry").tokens) > 1
    assert tokenizer.encode("minister, (ministers)!").tokens == ["minister", "ministers"]


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("ماله", "[-ه]"),  # his money
        ("مالي", "[-ي]"),  # my money
        ("غاضبه", "[-ة]"),  # angry, of a woman: mostly written with ة
        ("سيكتبون", "[سي-ون]"),  # they will write
        ("وتكتب", "[ت-]"),  # and she writes
        ("مدينتهم", "[-هم]"),  # their city: مدينة becomes مدينت
        ("تقرير", ""),  # a report: no verb is written يقرير
        ("ايران", ""),  # Iran: hardly any text has a word يران
        ("مال", ""),
        ("dogs", "[-s]"),
        ("stopped", "[-ed]"),
        ("making", "[-ing]"),
        ("news", ""),
        ("red", ""),
        ("2024", ""),
    ],
)
def test_the_form_of_a_word_is_what_known_words_vouch_for(word: str, form: str) -> None:
    counts = Counter(
        {"مال": 90, "ماله": 20, "مالي": 20, "غاضب": 20, "غاضبه": 9, "يكتبون": 9, "تكتب": 20, "يكتب": 30, "تكتبون": 4}
        | {"سيكتبون": 3, "وتكتب": 5, "مدينه": 50, "مدينتهم": 4, "تقرير": 80, "ايران": 9000, "يران": 3, "تران": 3}
        | {"dog": 40, "dogs": 30, "stop": 50, "stopped": 20, "make": 90, "making": 40, "new": 300, "news": 99999}
    )
    assert form_of(word, counts, feminine=Counter({"غاضبه": 8})) == form


def test_a_common_form_is_a_token_that_no_text_is_broken_into_and_a_question_mark_is_a_word() -> None:
    nouns = {f"كتا{letter}": 400 for letter in "بجدر"}
    counts = Counter(nouns | {f"{noun}ها": 100 for noun in nouns} | {f"{noun}كم": 10 for noun in nouns} | {ASKED: 50})
    vocabulary = learn(counts, Counter(), rows=500, pieces=20)
    tokens = vocabulary.tokenizer.get_vocab()
    assert vocabulary.forms[tokens["كتابها"]] == vocabulary.forms[tokens["كتاجها"]] == tokens["[-ها]"]
    assert vocabulary.mapping[tokens["كتابها"]] == vocabulary.mapping[tokens["كتاب"]]
    assert not vocabulary.forms[tokens["كتابكم"]]  # 40 texts have such words: too few to learn from
    assert "[-ها]" not in vocabulary.tokenizer.encode("[-ها] كتابها").tokens
    assert vocabulary.tokenizer.encode("كتاب؟ (كتاب?!) a?b").tokens[:4] == ["كتاب", ASKED, "كتاب", ASKED]


def test_words_are_what_the_tokenizer_looks_up() -> None:
    assert words_of("قمه_2024: it's open") == ["قمه", "2024", "it", "s", "open"]


def test_a_word_is_a_form_of_those_it_is_spelled_after() -> None:
    known = {"كتب", "يكتب", "قال", "مدينه", "استطاع"}
    formed = {"تكتب": "يكتب", "يكتب": "كتب", "كتبوا": "كتب", "يقول": "قال", "يستطيع": "استطاع", "مدينتك": "مدينه"}
    assert {word: [*bases(word, known)] for word in formed} == {word: [base] for word, base in formed.items()}


def test_words_of_one_family_are_those_that_mean_alike() -> None:
    known = {"لعب", "يلعب", "تلعب", "لعبت", "بن", "بنت", "عمل", "عملت"}
    apart = {("عملت", "عمل")}
    found = groups(known, lambda word, base: 0.1 if (word, base) in apart else 0.6)
    assert found == [["لعب", "تلعب", "لعبت", "يلعب"]]


@tiny.with_models
def test_a_short_training_learns_which_words_mean_the_same(tmp_path: Path) -> None:
    import torch

    from index.encoders.static import StaticEncoder
    from training.export import save
    from training.train import Pairs, Ragged, Recipe, fit

    rng = random.Random(3)
    english, arabic = [f"en{i}" for i in range(40)], [f"ar{i}" for i in range(40)]
    sentences = [rng.sample(range(40), 4) for _ in range(600)]
    vocabulary = learn(Counter(dict.fromkeys(english + arabic, 9)), Counter(), rows=500, pieces=40)

    def side(words: list[str]) -> Ragged:
        tokens = [vocabulary.tokenizer.encode(" ".join(words[i] for i in chosen)).ids for chosen in sentences]
        ids = [vocabulary.mapping[of_text] for of_text in tokens]
        return Ragged(np.concatenate(ids), np.cumsum([0, *map(len, ids)]))

    table = torch.randn(int(vocabulary.mapping.max()) + 1, 32, generator=torch.Generator().manual_seed(1)) * 0.05
    nothing = torch.zeros(0, 32), np.full(600, -1)
    pairs = Pairs(side(english), side(arabic), np.zeros(600, np.int64), np.ones(600), *nothing)
    fit(pairs, table, Recipe(dim=32, epochs=15, batch=64), report=lambda _: None)
    save(table.numpy(), vocabulary, tmp_path)
    encoder = StaticEncoder(tmp_path)
    nearest = (encoder.encode(english) @ encoder.encode(arabic).T).argmax(axis=1)
    assert (nearest == np.arange(40)).mean() > 0.9


@tiny.with_models
def test_a_model_that_finds_alike_what_its_teacher_does_is_left_as_it_is() -> None:
    import torch

    from training.train import divergence

    texts = torch.nn.functional.normalize(torch.randn(8, 16, generator=torch.Generator().manual_seed(1)))
    none_same = torch.zeros(8, 8, dtype=torch.bool)
    assert float(divergence(3 * texts, texts, (texts, texts), none_same, 0.1)) == pytest.approx(0, abs=1e-5)
    assert float(divergence(texts.roll(1, 0), texts, (texts, texts), none_same, 0.1)) > 0.1


@tiny.with_models
def test_a_text_loses_words_by_chance_but_never_its_first_and_a_short_one_none() -> None:
    from training.train import Ragged

    texts = Ragged(np.arange(12, dtype=np.int32), np.array([0, 3, 12]))
    ids, starts = texts.thinned(np.array([1, 0]), 1.0, np.random.default_rng(1))
    assert (ids.tolist(), starts.tolist()) == ([3, 0, 1, 2], [0, 1])
    ids, starts = texts.thinned(np.array([1, 0]), 0.0, np.random.default_rng(1))
    assert (ids.tolist(), starts.tolist()) == ([*range(3, 12), 0, 1, 2], [0, 9])


def test_alignment_learns_which_words_of_sentences_translate_each_other(tmp_path: Path) -> None:
    from search.query.dictionary import Dictionary

    nouns = {"storm": "عاصفة", "river": "نهر", "bridge": "جسر", "village": "قرية", "harvest": "حصاد", "winter": "شتاء"}
    rng = random.Random(5)
    lines = []
    for _ in range(200):
        chosen = rng.sample(list(nouns), 3)
        lines.append(f"the {' the '.join(chosen)}\tفي {' '.join(nouns[word] for word in chosen)}")
    (tmp_path / "eval").mkdir()
    pairs = [TrainingPair(*line.split("\t"), "prose", 1, "test") for line in lines]
    bitext, english, arabic = alignment.read(pairs, Exclusion(evaluation_rows(tmp_path / "eval")))
    grid = alignment.cells(bitext)
    tensors = alignment.table(alignment.align(bitext, grid), grid.links, english, arabic)
    save_file(tensors, tmp_path / alignment.NAME)
    dictionary = Dictionary(tmp_path / alignment.NAME)
    for word, translation in nouns.items():
        (term,), (other,) = terms(word), terms(translation)
        assert next(iter(dictionary.translations(term))) == other
        assert next(iter(dictionary.translations(other))) == term
