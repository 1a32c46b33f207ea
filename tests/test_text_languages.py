"""Which language a text is in, whatever its page says."""

import subprocess
import sys

import pytest

from index.text import identify

TEXTS = {
    "ar": "أغلقت البلدية جسر الصيادين يوم الخميس بعد أن عثر الغواصون على شقوق في جدار الرصيف البحري القديم.",
    "en": "The town closed the fishermen's bridge on Thursday after divers had found cracks in the wall of the quay.",
    "fa": "شهرداری روز پنجشنبه پل ماهیگیران را بست زیرا غواصان در دیوار اسکله قدیمی ترک‌هایی پیدا کرده بودند.",
    "ur": "بلدیہ نے جمعرات کو ماہی گیروں کا پل بند کر دیا کیونکہ غوطہ خوروں کو گھاٹ کی دیوار میں دراڑیں ملی تھیں۔",
    "ku": "شارەوانی ڕۆژی پێنجشەممە پردی ماسیگرانی داخست چونکە مەلەوانەکان درزیان لە دیواری بەندەرەکە دۆزییەوە.",
    "ps": "ښاروالۍ د پنجشنبې په ورځ د کب نیوونکو پل وتاړه ځکه چې غوټه خوړونکو په دېوال کې درزونه موندلي وو.",
    "fr": "La commune a fermé jeudi le pont des pêcheurs après que des plongeurs ont trouvé des fissures dans le quai.",
    "es": "El ayuntamiento cerró el jueves el puente de los pescadores porque los buzos hallaron grietas en el muelle.",
    "tr": "Belediye, dalgıçların rıhtım duvarında çatlaklar bulmasının ardından balıkçılar köprüsünü perşembe kapattı.",
}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("stated", [None, "ar", "en"])
def test_the_language_of_a_sentence_is_told(language: str, stated: str | None) -> None:
    assert identify(TEXTS[language], stated) == language


def test_an_arabic_report_that_is_full_of_english_names_is_arabic() -> None:
    report = "عرضت Bay Phones هاتف Marsa Ultra Max مع معالج K12 Pro وشاشة Super Wide HDR ومنفذ USB-C ونظام BayOS 4"
    assert identify(report) == "ar"


@pytest.mark.parametrize(
    ("text", "stated", "language"),
    [
        ("خبر", None, "ar"),
        ("News", None, "en"),
        ("", None, "en"),
        ("4711", None, "en"),
        ("Pont", "fr", "fr"),
        ("خبر", "en", "ar"),
    ],
)
def test_a_few_letters_count_by_what_is_stated_if_the_script_agrees(
    text: str, stated: str | None, language: str
) -> None:
    assert identify(text, stated) == language


def test_clear_arabic_and_english_need_no_detector() -> None:
    code = f"from index.text import identify; identify({TEXTS['ar']!r}); identify({TEXTS['en']!r})"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print('py3langid' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"
