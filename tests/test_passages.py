"""Where sentences end in Arabic and English news, and how articles become passages."""

from __future__ import annotations

import gzip
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.passages import LONGEST, SHORTEST, STRETCHED, split
from index.text.sentences import LONGEST_SENTENCE, sentences
from index.types import Article

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


def article(text: str) -> Article:
    return Article(id="a", title="عنوان", text=text, language="ar")


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "whole",
    [
        "استقبل د. سليم الزيتوني الوفد",  # "Dr. Salim received the delegation": a title is one letter
        "وصل أ. م. الكرمي إلى المطار",  # "Prof. M. al-Karmi arrived": title and initial
        "ذكرت وكالة أ.ف.ب أمس أن الجسر مغلق",  # an agency's initials
        "نقلت شبكة بي. بي. سي عن السكان",  # "the network B. B. C. quoted the residents"
        "وكانت إن.بي.سي أول من نشر الخبر",  # "N.B.C. was the first to publish the news"
        "قال لموقع العربية.نت إن الطريق سالك",  # "he told the site Al Arabiya.net that the road is clear"
        "ظهر وهو يقول (..) ولم يكمل",  # "he was seen saying (..) and did not go on"
        "تعود القلعة إلى القرن الثالث ق.م. وتقع على تلة",  # "the castle dates from the third century BC and ..."
        "انظر ص. 45 من التقرير",  # "see p. 45 of the report"
        "بلغت النسبة 3.5 بالمئة",  # "the rate reached 3.5 percent"
        "صدر القرار في 14.12.2024 وبدأ تنفيذه",  # "the decree was issued on 14.12.2024"
        "قال الوزير.. بعد صمت.. إنه لا يعلم",  # "the minister said.. after a silence.. that he does not know"
        "للمزيد زوروا www.example.com/أخبار.محلية أو راسلونا",  # an Arabic path in a link
        "العنوان info@example.com للمراسلة",
        "1. افتتاح المعرض",  # "1. opening of the exhibition"
        "Mr. Adams met Dr. Salem and Gov. Ruiz",
        "The U.S. Senate heard J. K. Marlow",
        "It opened on Jan. 5 as exhibit No. 7",
        "Costs rose approx. five percent, e.g. for bread",
        '"Why now?" asked the mayor',
        "Yahoo! said profits fell",
    ],
)
def test_a_dot_that_ends_no_sentence_does_not_split(whole: str) -> None:
    assert cut(whole) == [whole]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # "The road reopened. The driver said: 'We waited for hours.' Then he left! Why? No one knows"
        (
            "عاد الطريق إلى العمل. وقال السائق: «انتظرنا ساعات.» ثم غادر! لماذا؟ لا أحد يعلم",
            ["عاد الطريق إلى العمل.", "وقال السائق: «انتظرنا ساعات.»", "ثم غادر!", "لماذا؟", "لا أحد يعلم"],
        ),
        # a forgotten space: "The delegation left Homs.The spokesman added that"
        ("غادر الوفد حمص.وأضاف المتحدث أن اللقاء مثمر", ["غادر الوفد حمص.", "وأضاف المتحدث أن اللقاء مثمر"]),
        ("هل ينجح الاتفاق؟نعم", ["هل ينجح الاتفاق؟", "نعم"]),  # "will the agreement succeed?Yes"
        ("بدأت عام 2024.وانتهت بعده", ["بدأت عام 2024.", "وانتهت بعده"]),  # "began in 2024.And ended after it"
        ("كان ذلك عام 2024 م. وتكرر بعده", ["كان ذلك عام 2024 م.", "وتكرر بعده"]),  # "in 2024 AD."
        ("نص المادة 27 أ. ثم المادة 28", ["نص المادة 27 أ.", "ثم المادة 28"]),  # "article 27 A."
        ("1. الافتتاح. 2. الكلمات.", ["1. الافتتاح.", "2. الكلمات."]),  # a list: "opening", "speeches"
        ("سكت قليلا… ثم تابع... وانصرف", ["سكت قليلا…", "ثم تابع...", "وانصرف"]),  # "fell silent… then went on..."
        ("قال: “لن نعود.” وخرج", ["قال: “لن نعود.”", "وخرج"]),  # "'we will not return.' And left"
        ("انتهى اللقاء.\u200f وبدأ غيره", ["انتهى اللقاء.\u200f", "وبدأ غيره"]),  # a mark of direction after the dot
        ("العنوان بلا نقطة\nالفقرة الأولى", ["العنوان بلا نقطة", "الفقرة الأولى"]),  # a headline has no dot: lines end
        ("He said no. They left", ["He said no.", "They left"]),  # "no." is also an answer
        ("It ended (at last.) Nobody spoke.", ["It ended (at last.)", "Nobody spoke."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("انتهى . ! وبدأ", ["انتهى . !", "وبدأ"]),  # marks set apart stay with their sentence
        ("  \n\t \n", []),
        ("", []),
    ],
)
def test_sentences_end_at_marks_and_lines(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_a_long_sentence_is_cut_at_a_semicolon_before_a_comma_before_a_clause() -> None:
    filler = ["كلمة"] * 20  # "word"
    semicolon = " ".join([*filler, "أولا؛", *filler, "ثانيا،", *filler, *filler])
    comma = " ".join([*filler, "ثانيا،", *filler, "وأضاف", *filler, *filler])
    clause = " ".join([*filler, "وأضاف", *filler, "وزير", *filler, *filler])  # "and added"; "minister" is no clause
    assert cut(semicolon)[0].endswith("أولا؛")
    assert cut(comma)[0].endswith("ثانيا،")
    assert cut(clause)[1].startswith("وأضاف")
    assert [len(piece.split()) for piece in cut(" ".join(filler * 4))] == [60, 20]


@pytest.mark.parametrize("unit", ["كلمة ", "ك", ".", ". ", '."', "د. ", "x.ا", "\n", " ", "وقال، ", "؟\u200f"])
def test_a_megabyte_of_anything_is_split_in_one_go(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


MARKS = st.sampled_from(
    [".", "..", "...", "؟", "!", "…", "،", "؛", "«", "»", '"', "\n", " ", "\u200f", "1.", "د.", "Mr.", "و"]
)
WORDS = st.sampled_from(["الوزير", "وقال", "city", "The", "2024", "3.5", "www.example.com", "م", "ا"])
NEWSLIKE = st.lists(st.one_of(WORDS, MARKS, st.just(" ")), max_size=300).map("".join)
TEXTS = st.one_of(st.text(max_size=300), NEWSLIKE)


@given(TEXTS)
def test_sentences_cover_all_but_space_in_order_and_are_short(text: str) -> None:
    spans = sentences(text)
    for start, end in spans:
        assert text[start:end].strip() == text[start:end] != ""
        assert len(text[start:end].split()) <= LONGEST_SENTENCE
        assert len(text[start:end].splitlines()) == 1
    for (_, end), (start, _) in itertools.pairwise([(0, 0), *spans, (len(text), len(text))]):
        assert not text[end:start].strip()


@given(TEXTS)
def test_a_sentence_split_again_is_itself(text: str) -> None:
    for sentence in cut(text):
        assert cut(sentence) == [sentence]


ARTICLES = st.lists(st.tuples(st.integers(1, 90), st.sampled_from([". ", "؟ ", "\n", "! ", "، "])), max_size=40).map(
    lambda pieces: "".join(" ".join(["كلمة"] * words) + mark for words, mark in pieces)
)


@given(st.one_of(ARTICLES, TEXTS))
def test_passages_hold_the_article_in_whole_sentences_of_bounded_length(text: str) -> None:
    passages = split(article(text))
    assert passages == split(article(text))
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert passage.article == "a"
    assert "".join("".join(passage.text.split()) for passage in passages) == "".join(text.split())
    starts, ends = {start for start, _ in sentences(text)}, {end for _, end in sentences(text)}
    lengths = [len(passage.text.split()) for passage in passages]
    if len(text.split()) <= LONGEST:
        assert len(passages) == 1
    else:
        assert all(passage.start in starts and passage.end in ends for passage in passages)
        assert all(SHORTEST <= length <= LONGEST for length in lengths[:-1])
        assert 0 < lengths[-1] <= STRETCHED


def test_the_lead_opens_the_first_passage_and_the_last_is_no_mere_tail() -> None:
    lead = "أعلنت البلدية افتتاح الجسر."  # "The municipality announced the opening of the bridge."
    passages = split(article("\n".join([lead, *["وصل الزوار إلى الساحة صباحا وبدأ الحفل."] * 32])))
    assert passages[0].text.startswith(lead)
    assert [len(passage.text.split()) for passage in passages] == [116, 112]


def test_an_article_without_text_is_one_empty_passage_so_that_its_title_is_found() -> None:
    for text in ("", " \n "):
        (passage,) = split(article(text))
        assert (passage.start, passage.end, passage.text) == (0, 0, "")


@pytest.mark.skipif(not SHARED.exists(), reason="the optional data folder ../shared is absent")
def test_real_newspapers_are_covered_and_bounded() -> None:
    with gzip.open(SHARED / "data/news/antcorpus_multisource.jsonl.gz", "rt", encoding="utf-8") as rows:
        texts = [json.loads(row)["text"] for row in itertools.islice(rows, 300)]
    for text in texts:
        passages = split(article(text))
        assert "".join("".join(passage.text.split()) for passage in passages) == "".join(text.split())
        assert all(SHORTEST <= len(passage.text.split()) <= LONGEST for passage in passages[:-1])
        assert len(passages[-1].text.split()) <= STRETCHED
