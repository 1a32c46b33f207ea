"""Invented pages in both languages, for tests of cleaning."""

import pytest

from index.clean.cleaner import Cleaner
from index.types import Article, Document


def page(*lines: str, **facts: str) -> list[Article]:
    return Cleaner().clean(Document(id="a", text="\n".join(lines), path="pages/a.txt", page=True, **facts))


def row(text: str, title: str = "", **facts: str) -> Article:
    (article,) = Cleaner().clean(Document(id="r", text=text, path="rows.jsonl:1", title=title, **facts))
    return article


# Two paragraphs about a bridge, and the title over them.
AR = (
    "بلدية المرسى تفتتح جسر الصيادين بعد عامين من العمل",
    "افتتحت بلدية المرسى أمس جسر الصيادين الجديد بعد عامين من أعمال البناء التي تأخرت مرتين بسبب الأمطار.",
    "وقالت رئيسة البلدية سلمى الدروبي إن الجسر سيخفف الازدحام عن الطريق الساحلي في ساعات الصباح.",
)
EN = (
    "Marsa opens fishermen's bridge after two years of work",
    "The town of Marsa opened the new fishermen's bridge on Tuesday after two years of work, delayed twice by rain.",
    "Mayor Salma Droubi said the bridge would take morning traffic off the coastal road and bring the harbour closer.",
)
# A second article: title and two paragraphs.
AR2 = (
    "متحف الملح في القلعة يستقبل أول زواره",
    "استقبل متحف الملح في قلعة المدينة القديمة أول زواره صباح اليوم، وعرض أدوات جمع الملح عبر خمسة قرون.",
    "وأوضح أمين المتحف فارس النبهاني أن المعروضات جمعت من بيوت العاملين في الملاحات القديمة.",
)
BODIES = [pytest.param(AR, id="ar"), pytest.param(EN, id="en")]


def body(lines: tuple[str, ...]) -> str:
    return "\n".join(lines[1:])


EVERYWHERE = [
    "shutterstock",
    "(رويترز)",
    "Getty Images",
    "صورة أرشيفية - أ ف ب",
    "Photo: Nadia Ferro/AFP",
    "الجسر الجديد كما بدا أمس (أ ف ب)",
    "Advertisement",
    "إعلان",
    "Story continues below",
    "Share this article",
    "Facebook Twitter WhatsApp Email",
    "شارك الخبر على فيسبوك",
    "Subscribe to our newsletter and never miss a story",
    "اشترك في نشرتنا البريدية ليصلك كل جديد",
    "ولمتابعة كل جديد عن المرسى يمكنك متابعة قناتنا على تلغرام",
    "تابعونا على فيسبوك وتويتر",
    "حمل تطبيق المرسى الآن من المتجر",
    "Follow us on Twitter and Facebook",
    "phone Icon",
    "1,204 views",
    "5 دقائق قراءة",
    "منذ 3 ساعات",
    "We use cookies to improve your experience on this site.",
    "يستخدم هذا الموقع ملفات تعريف الارتباط لتحسين تجربتك.",
    "(RELATED: Harbour master retires after forty years)",
    "اقرأ أيضًا:ميناء المرسى يستقبل سفينة شراعية",
    "قد يهمك/ ميناء المرسى يستقبل سفينة شراعية",
    "Related: Harbour master retires",
    "------------------",
]
BEHIND = [
    "© 2024 Marsa Today. All rights reserved.",
    "جميع الحقوق محفوظة لمؤسسة المرسى 2024 ©",
    "تخضع المواد لقانون حقوق النشر، وإن رأيت انتهاكا لحقك فيمكنك التواصل معنا عبر البريد الإلكتروني info@marsa.example",
    "الآراء الواردة لا تعبر بالضرورة عن رأي الموقع",
    "The views expressed are the author's own and do not reflect those of the paper.",
    "About the author: Nadia Ferro writes about harbours",
    "About Post Author nadia See author's posts",
    "Powered by Presswerk",
    "من نحن",
    "Terms of Use",
    "0 التعليقات:",
    "إرسال تعليق",
    "Leave a comment",
    "البريد الإلكتروني *",
    ": Characters Left",
    "شروط النشر: عدم الإساءة إلى الكاتب أو الأشخاص، والابتعاد عن الشتائم والتحريض.",
    "أخبار عربية",
]


LABELS = ["إقرأ أيضاً:", "طالع أيضًا:", "أقرأ أيضًا", "وقد يهمك أيضًا:", "أخبار ذات صلة", "مواضيع متعلقة", "شاهد أيضا..."]
LABELS_EN = [
    "Read also:",
    "Related",
    "RELATED STORIES",
    "See also",
    "You may also like",
    "More on this story",
    "Most read",
]
SLOGAN = "Marsa Today, the harbour in your pocket"
