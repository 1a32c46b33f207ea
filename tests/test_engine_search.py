"""What a searcher may rely on: spellings that match, words that stay apart, reasons that are true, fair scores."""

from pathlib import Path

import pytest

from index import Index, load_encoder
from index.errors import InputError
from index.local.writer import writing
from index.passages import split
from index.ports import Entry
from index.types import Article
from search import Engine, Filters
from search.types import Listing, Mode

UNFOLDED = Listing(folded=False)


def entry(id: str, text: str, language: str, title: str = "") -> Entry:
    article = Article(id, title or text, text, language)
    passages = split(article)
    return Entry(article, tuple(passages), load_encoder().encode_passages([p.text for p in passages]), document=id)


def engine_over(folder: Path, texts: dict[str, tuple[str, str]]) -> Engine:
    index = Index.create(folder / "index", load_encoder())
    with writing(index) as writer:
        writer.add([entry(id, text, language) for id, (text, language) in texts.items()])
    return Engine(index)


# A word as an article writes it, and as somebody types it. The comment says what differs.
MATCHING = [
    ("كِتَابٌ", "كتاب"),  # book; vocalised
    ("أحمد", "احمد"),  # Ahmad; hamza
    ("حكومة", "حكومه"),  # government; teh marbuta typed as heh
    ("الاقتصاد", "اقتصاد"),  # the economy; article
    ("والاقتصاد", "اقتصاد"),  # and the economy; conjunction and article
    ("محـــمد", "محمد"),  # Muhammad; tatweel
    ("٢٠٢٦", "2026"),  # Arabic-Indic digits
    ("مستشفى", "مستشفي"),  # hospital; final alef maksura typed as yeh
    ("مهندسون", "مهندس"),  # engineers; sound plural
    ("مدارس", "مدرسة"),  # schools; broken plural
    ("کتاب", "كتاب"),  # book; Persian keyboard
    ("ﻛﺘﺎﺏ", "كتاب"),  # book; presentation forms
    ("\u0627\u0654حمد", "أحمد"),  # Ahmad; hamza as a combining mark
    ("للحكومة", "الحكومة"),  # for the government
    ("ءامنوا", "آمنوا"),  # they believed; as the Quran is written
    ("القرءان", "القرآن"),  # the Quran; likewise
    ("السَّمَٰوَٰتِ", "السماوات"),  # the heavens; likewise
    ("Ṣan‘ā", "Sanaa"),  # transliterated with ayn and hamza
    ("Maʿarib", "Maarib"),
    ("Sana`a", "Sana'a"),
]
APART = [("على", "علي"), ("مكتب", "مكتبة"), ("إلى", "إلا")]  # on / Ali, office / library, to / except


@pytest.fixture(scope="module")
def spellings(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    written = [pair[0] for pair in MATCHING] + [word for pair in APART for word in pair]
    folder = tmp_path_factory.mktemp("spellings")
    return engine_over(folder, {str(i): (f"{word} ...", "ar") for i, word in enumerate(written)})


def found(engine: Engine, query: str) -> set[str]:
    hits = engine.search(query, k=50, mode=Mode.LEXICAL, listing=UNFOLDED).hits
    return {hit.passage.text.removesuffix(" ...") for hit in hits}


@pytest.mark.parametrize(("written", "typed"), MATCHING)
def test_spellings_of_one_word_find_each_other(spellings: Engine, written: str, typed: str) -> None:
    assert written in found(spellings, typed)


@pytest.mark.parametrize(("one", "other"), APART)
def test_words_that_only_look_alike_stay_apart(spellings: Engine, one: str, other: str) -> None:
    assert one in found(spellings, one)
    assert one not in found(spellings, other)
    assert other not in found(spellings, one)


@pytest.mark.parametrize(("written", "typed"), MATCHING)
def test_the_word_is_highlighted_as_it_is_written(spellings: Engine, written: str, typed: str) -> None:
    hits = spellings.search(typed, k=50, mode=Mode.LEXICAL, listing=UNFOLDED).hits
    (hit,) = [hit for hit in hits if hit.passage.text == f"{written} ..."]
    assert [hit.passage.text[start:end] for start, end in hit.highlights] == [written]


NEWS = {
    "ar": ("أعلن نتنياهو من واشنطن أن الحكومة ستخفض أسعار القمح في الأسواق بعد اجتماع مع الوزراء.", "ar"),
    "en": ("The harbour of Ostreva reopened after the storm, and fishermen returned to the sea.", "en"),
    "mixed": ("وصلت سفينة الأبحاث Aurora إلى الميناء بعد رحلة طويلة في البحر.", "ar"),
}


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_over(tmp_path_factory.mktemp("news"), NEWS)


def reasons(engine: Engine, query: str, id: str) -> dict[str, tuple[str, str]]:
    """Query word -> (the word it met, how), for one article."""
    (hit,) = [hit for hit in engine.search(query).hits if hit.article.id == id]
    return {match.query: (match.term, match.kind) for match in hit.matched}


def test_a_hit_says_how_each_word_was_met(news: Engine) -> None:
    assert reasons(news, "الحكومة", "ar") == {"الحكومة": ("الحكومة", "same")}
    assert reasons(news, "الحكومه", "ar") == {"الحكومه": ("الحكومة", "folded")}
    assert reasons(news, "سعر", "ar") == {"سعر": ("أسعار", "stem")}  # price / prices
    assert reasons(news, "wheat", "ar") == {"wheat": ("القمح", "translation")}
    assert reasons(news, "بحر", "en") == {"بحر": ("sea", "translation")}


def test_words_that_only_join_others_are_no_reason_unless_nothing_else_was_asked(news: Engine) -> None:
    assert set(reasons(news, "what is the wheat", "ar")) == {"wheat"}
    assert "في" in reasons(news, "في", "mixed")


def test_a_name_typed_in_latin_letters_finds_its_arabic_spelling(news: Engine) -> None:
    assert reasons(news, "statement by Netanyahu", "ar")["Netanyahu"] == ("نتنياهو", "name")


def test_a_word_that_tells_of_a_subject_is_not_translated_by_one_that_only_joins_others(tmp_path: Path) -> None:
    # The dictionary has على, "on", for LOR and "we" for نستطيع, we can: they stood beside them in sentences.
    engine = engine_over(tmp_path, {"on": ("السفينة على البحر.", "ar"), "we": ("We sailed to the harbour.", "en")})
    for query in ("LOR", "نستطيع"):
        assert not engine.search(query, mode=Mode.LEXICAL).hits


CONJUGATED = {
    "did": ("قتل الحريق ثلاثة رجال في المصنع.", "ar"),  # the fire killed three men in the factory
    "does": ("حريق يقتل ثلاثة رجال في المصنع.", "ar"),  # a fire kills three men in the factory
    "other": ("حريق يضيء ليل ثلاثة رجال في المصنع.", "ar"),  # a fire lights the night of three men in the factory
    "one": ("A woman ran the race in the old town.", "en"),
    "many": ("Women run the race in the old town.", "en"),
}


@pytest.mark.parametrize(
    ("query", "best", "next", "asked", "met"),
    [("حريق قتل رجال", "did", "does", "قتل", "يقتل"), ("women of the race", "many", "one", "women", "woman")],
)
def test_other_forms_of_a_word_are_found_after_the_one_that_is_asked_for(
    tmp_path: Path, query: str, best: str, next: str, asked: str, met: str
) -> None:
    engine = engine_over(tmp_path, CONJUGATED)
    hits = engine.search(query, mode=Mode.LEXICAL).hits
    assert [hit.article.id for hit in hits][:2] == [best, next]
    assert reasons(engine, query, next)[asked] == (met, "stem")


NAMES = {
    "redknapp": ("قال ريدناب إن الفريق سيلعب من أجل الفوز.", "ar"),  # says Redknapp
    "reed": ("قطع الفلاحون القصب، والريد حافة الجبل.", "ar"),  # a ridge: what the pieces of the name are near to
    "reading": ("القراءة في المدارس: تلاميذ يقرأون كتابا كل أسبوع.", "ar"),
    "students": ("Students of the university receive lessons on how to sleep.", "en"),
}


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.LEXICAL])
@pytest.mark.parametrize("name", ["Redknapp", "redknapp", "Who is Redknapp?"])
def test_a_name_that_the_model_does_not_know_is_found_by_its_letters_alone(
    tmp_path: Path, name: str, mode: Mode
) -> None:
    hits = engine_over(tmp_path, NAMES).search(name, mode=mode).hits
    assert [hit.article.id for hit in hits] == ["redknapp"]
    assert [(match.term, match.kind) for match in hits[0].matched] == [("ريدناب", "name")]


def test_unknown_words_that_stand_nowhere_are_still_answered_by_what_their_pieces_mean(tmp_path: Path) -> None:
    hits = engine_over(tmp_path, NAMES).search("universitystudents").hits
    assert hits[0].article.id == "students"


@pytest.mark.parametrize(
    ("typed", "written"),
    [("battle", "فازت بطلة الجري بالذهب."), ("survey", "قال الصيرفي إن السوق أغلقت.")],  # champion, money-changer
)
def test_a_word_that_the_dictionary_has_is_no_name_for_sharing_consonants(
    tmp_path: Path, typed: str, written: str
) -> None:
    assert engine_over(tmp_path, {"other": (written, "ar")}).search(typed, mode=Mode.LEXICAL).hits == ()


def test_a_number_stands_for_itself_alone(tmp_path: Path) -> None:
    year = {"year": ("تأسست الشركة في ذلك العام.", "ar"), "number": ("تأسست الشركة سنة ٢٠١٨.", "ar")}
    assert [hit.article.id for hit in engine_over(tmp_path, year).search("2018", mode=Mode.LEXICAL).hits] == ["number"]


def test_an_english_title_in_an_arabic_article_does_not_answer_an_english_question(tmp_path: Path) -> None:
    texts = {
        "school": "افتتحت الوزارة مدرسة جديدة في القرية بعد عام من البناء",  # a new school in the village
        "film": "شارك الممثل في فيلم The Name of the Rose وفي فيلم What Is New وهو في العشرين",  # an actor, two films
        "wheat": "حصد المزارعون القمح في القرية",  # farmers and wheat
        "pupils": "عاد التلاميذ إلى المدرسة",  # pupils back at school
    }
    engine = engine_over(tmp_path, {id: (text, "ar") for id, text in texts.items()})
    for mode in Mode:
        answer = engine.search("What is the name of the new school in the village?", mode=mode)
        assert answer.hits[0].article.id == "school"


def test_a_report_in_the_other_language_is_lifted_by_its_counterpart(tmp_path: Path) -> None:
    arabic = {
        "landslide": ("انهيار أرضي يقطع السكة الحديدية بين المدينة والميناء ويوقف القطارات", "ar"),
        "harvest": ("المزارعون يحصدون القمح في السهل بعد أمطار الربيع", "ar"),
    }
    english = ("A landslide has cut the railway between the city and the port, and trains stand still", "en")
    question = "Why do trains stand still?"
    alone, beside = (
        {hit.article.id: hit.score for hit in engine_over(tmp_path / name, texts).search(question).hits}
        for name, texts in (("alone", arabic), ("beside", arabic | {"english": english}))
    )
    assert beside["landslide"] > alone["landslide"] + 0.02
    assert beside["harvest"] == pytest.approx(alone["harvest"], abs=0.02)


def test_a_report_in_the_language_of_a_query_lifts_what_is_like_it_where_only_the_other_is_asked_for(
    tmp_path: Path,
) -> None:
    arabic = {
        "landslide": ("انهيار أرضي يقطع السكة الحديدية بين المدينة والميناء ويوقف القطارات", "ar"),
        "harvest": ("المزارعون يحصدون القمح في السهل بعد أمطار الربيع", "ar"),
    }
    english = ("A landslide has cut the railway between the city and the port, and trains stand still", "en")
    question = "Why do trains stand still?"
    only = Filters(language="ar")
    alone = engine_over(tmp_path / "alone", arabic)
    beside = engine_over(tmp_path / "beside", arabic | {"english": english})
    before, after = (
        {hit.article.id: hit.score for hit in engine.search(question, filters=only).hits} for engine in (alone, beside)
    )
    assert set(after) == set(before) == set(arabic)
    assert after["landslide"] > before["landslide"] + 0.02
    assert after["harvest"] == pytest.approx(before["harvest"], abs=0.02)
    told = {hit.article.id: hit.score for hit in beside.matches(question, 2, filters=only)}
    assert told["landslide"] < after["landslide"] - 0.02  # whether an alert is told depends on no other article


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("سبيطار", "hospital"),  # hospital; North Africa
        ("كرهبة", "car"),  # car; Tunisia
        ("فلوس", "money"),  # money; Egypt and elsewhere
    ],
)
def test_a_word_of_a_dialect_finds_the_standard_one_where_no_passage_holds_it(
    tmp_path: Path, typed: str, found: str
) -> None:
    texts = {
        "hospital": "افتتح الوزير مستشفى جديدا في المدينة",  # a minister opens a hospital
        "car": "اصطدمت سيارة بشجرة على الطريق",  # a car hits a tree
        "money": "سرق اللصوص نقودا ومجوهرات من المتجر ليلا",  # thieves take money and jewels
        "wheat": "حصد المزارعون القمح في القرية",
    }
    engine = engine_over(tmp_path, {id: (text, "ar") for id, text in texts.items()})
    hits = engine.search(typed, mode=Mode.LEXICAL).hits
    assert [hit.article.id for hit in hits] == [found]
    assert hits[0].matched[0].kind == "translation"


def test_a_latin_word_inside_an_arabic_article_is_found_as_it_stands(news: Engine) -> None:
    assert news.search("aurora").hits[0].article.id == "mixed"


@pytest.mark.parametrize("mode", list(Mode))
def test_scores_lie_between_0_and_1(news: Engine, mode: Mode) -> None:
    for query in ("wheat prices", "أسعار القمح", "harbour harbour harbour", NEWS["ar"][0], "كلمة لا وجود لها"):
        assert all(0 <= hit.score <= 1 for hit in news.search(query, mode=mode).hits)


def test_a_least_score_leaves_out_what_only_resembles(news: Engine) -> None:
    assert [hit.article.id for hit in news.search("wheat prices", min_score=0.3).hits] == ["ar"]


def test_the_only_article_of_an_index_scores_by_its_meaning_too(tmp_path: Path) -> None:
    engine = engine_over(tmp_path, {"only": ("The night train to the coast will run again in spring.", "en")})
    (answering,), (other,) = (
        engine.search(query, mode=Mode.SEMANTIC).hits for query in ("القطار الليلي إلى الساحل", "penguins on the ice")
    )
    assert answering.score > 0.3 > other.score


def test_the_article_itself_is_its_own_best_answer(news: Engine) -> None:
    for id, (text, _) in NEWS.items():
        best = news.search(text).hits[0]
        assert best.article.id == id
        assert best.score > 0.5


def test_a_filter_on_language_leaves_the_other_out(news: Engine) -> None:
    assert {h.article.language for h in news.search("sea", filters=Filters(language="ar")).hits} == {"ar"}


def test_a_query_without_words_is_refused(news: Engine) -> None:
    with pytest.raises(InputError, match="no words"):
        news.search("؟!")


def test_a_megabyte_query_is_answered(news: Engine) -> None:
    assert news.search("wheat " * 200_000).hits[0].article.id == "ar"


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("guterres", ("دعا غوتيريش إلى وقف النار.", "وصل جوتيريس إلى نيويورك.")),
        ("netanyahu", ("زار نتنياهو واشنطن.", "تحدث نتانياهو أمام الكنيست.")),
        ("زيلينسكي", ("Zelensky spoke to parliament.", "Zelenskiy met ministers.", "Zelenskyy visited the front.")),
    ],
)
def test_a_name_that_the_dictionary_knows_is_found_in_its_other_spellings_too(
    tmp_path: Path, asked: str, written: tuple[str, ...]
) -> None:
    texts = {str(i): (text, "en" if text.isascii() else "ar") for i, text in enumerate(written)}
    hits = engine_over(tmp_path, texts | {"weather": ("Rain fell on the harbour.", "en")}).search(asked, k=4).hits
    assert {hit.article.id for hit in hits if any(m.kind == "name" for m in hit.matched)} == set(texts)


def test_a_question_asked_again_is_answered_alike_and_a_changed_index_anew(tmp_path: Path) -> None:
    engine = engine_over(tmp_path, {"a": ("The minister Blinken came to Cairo.", "en")})
    asked = "وصل الوزير بلينكن"  # the minister Blinken arrived
    first = engine.search(asked)
    assert engine.search(asked).hits == first.hits
    with writing(engine.index) as writer:
        writer.add([entry("b", "زار بلينكن القاهرة.", "ar")])  # Blinken visited Cairo
    assert {hit.article.id for hit in engine.search(asked).hits} == {"a", "b"}


def test_with_diversity_what_repeats_the_articles_above_comes_later(tmp_path: Path) -> None:
    fire = "A fire broke out aboard the ferry off the harbour; the coast guard saved all passengers."
    inquiry = "The inquiry into the ferry fire praises the coast guard and asks for new rules."
    texts = {"first": (fire, "en"), "copy": (f"{fire} All of them.", "en"), "inquiry": (inquiry, "en")}
    weather = {f"weather {i}": (f"Rain fell on the olive groves on day {i}, and wheat grew.", "en") for i in range(20)}
    engine = engine_over(tmp_path, texts | weather)
    query = "ferry fire: coast guard saved passengers"
    assert [hit.article.id for hit in engine.search(query, listing=UNFOLDED).hits][2] == "inquiry"
    assert [hit.article.id for hit in engine.search(query, diversity=0.5, listing=UNFOLDED).hits][1] == "inquiry"
    assert len(engine.search(query, k=2, diversity=0.5, listing=UNFOLDED).hits) == 2
