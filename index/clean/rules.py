"""What pages carry beside their article: named rules with a reason each, for any site, in Arabic and English.

A rule is matched against a whole line, folded (`key`) and stripped of bullets and closing punctuation, and only if the
line is no longer than the rule allows: a sentence that merely contains such words is never touched. Patterns are
written in ordinary spelling and folded when they are compiled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

MARKS = "\u0610-\u061a\u0640\u064b-\u0652\u0670\u06d6-\u06dc\u200b-\u200f\u061c"
_MARKS = re.compile(f"[{MARKS}]+")
_LETTERS = [
    (old, new) for olds, new in {"أإآٱ": "ا", "ى": "ي", "ة": "ه", "“”«»": '"', "‘’": "'"}.items() for old in olds
]


def key(text: str) -> str:
    """Lines that differ only in hamzas, diacritics, capitals or quotation marks are one line.

    Lighter than `text.fold`, because every line passes here, and patterns must survive it: ASCII signs stay.
    """
    text = text.lower()
    if not text.isascii():
        text = _MARKS.sub("", text)
        for old, new in _LETTERS:
            text = text.replace(old, new)
    return text


Effect = Literal["line", "page", "edge", "tail", "end"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Lines that are no part of an article; `words` is the length up to which a line can be one.

    `effect`, on pages: "page" is removed wherever it stands; "edge" before the first paragraph and behind the last one,
    as such words can be a subheading in between; "tail" everywhere, and behind the last paragraph with the short lines
    that follow; "end" likewise, with paragraphs that follow too. "line" is removed everywhere, from rows too.
    """

    name: str
    reason: str
    effect: Effect
    words: int
    patterns: tuple[str, ...]


_NETWORK = (
    r"(?:facebook|twitter|whats ?app|telegram|instagram|linkedin|pinterest|reddit|tumblr|messenger|youtube|tiktok"
    r"|snapchat|flipboard|e-?mail"
    r"|mail|print|copy link|link|tweet|share|post|pin it|save|comments?"
    r"|فيسبوك|فيس بوك|تويتر|واتساب|واتس ?اب|تلغرام|تيلي?[غج]رام|تلجرام|انستغرام|انستجرام|لينكد ?إن|بنترست|يوتيوب"
    r"|ماسنجر|سناب شات|تيك توك"
    r"|طباعة|اطبع|بريد|بريد إلكتروني|البريد الإلكتروني|نسخ الرابط|نسخ|إرسال|شارك|مشاركة|غرد|حفظ|أرسل)"
)
_PLATFORM = (
    r"(?:قنات(?:نا|ك|كم)|قناة|صفحت(?:نا|ك)|صفحة|حساب(?:نا|ات|اتنا)?|تطبيق(?:نا|ات)?|التطبيق|نشرتنا|النشرة|واتس ?اب"
    r"|تلغرام|تلجرام|تيلي?[غج]رام"
    r"|فيس ?بوك|تويتر|يوتيوب|انستغرام|انستجرام|إكس|google news|جوجل نيوز|أخبار غوغل|أخبار جوجل|telegram|whatsapp"
    r"|facebook|twitter)"
)
PHOTO_AGENCY = (
    r"(?:shutterstock|getty(?: images)?|gettyimages|i ?stock|reuters|afp|ap|epa|upi|dpa|associated press|unsplash"
    r"|pixabay|pexels|flickr|alamy"
    r"|wikimedia(?: commons)?|creative commons|رويترز|أ ?ف ?ب|أ\.? ?ف\.? ?ب\.?|فرانس ?برس|أسوشي?يتد ?برس|أ ?ب|غيتي"
    r"(?: إيمي?دجز)?|جيتي(?: إيمي?جز)?"
    r"|شا?ترستوك|الأناضول|أرشيف(?:ية)?|مواقع التواصل(?: الاجتماعي)?|الإنترنت|انترنت|وكالات)"
)

RULES: tuple[Rule, ...] = (
    Rule(
        "advertisement",
        "marks the place of an advertisement between two paragraphs",
        "line",
        6,
        (
            r"advertisements?(?: continue reading the main story)?|advertising|ads?|sponsored(?: content)?|promoted"
            r"(?: content)?",
            r"(?:story|article) continue[sd] (?:below|after)(?: (?:this )?(?:advertisement|ad))?",
            r"continue reading(?: the main story| below| this story)?|scroll (?:down )?to continue(?: reading)?",
            r"(?:skip|report) (?:this )?(?:ad|advertisement)|remove ads|\[?pullquote\]?|photos?|videos?|loading",
            r"إعلان(?:ات)?|مساحة إعلانية|محتوى (?:مدعوم|ممول|إعلاني)|مادة إعلانية|(?:أ|ي)كمل القراءة"
            r"(?: بعد الإعلان)?|يتبع بعد الإعلان",
        ),
    ),
    Rule(
        "share buttons",
        "buttons of social networks become words when a page is read as text",
        "line",
        12,
        (
            r"share (?:this|on|via|with)\b.{0,40}",
            r"share(?: this)?(?: (?:article|story|post|page|news|on|via|with))*(?:[ ,|/:]+" + _NETWORK + r")*",
            r"(?:" + _NETWORK + r"[ ,|/•·:]+)+" + _NETWORK,
            r"(?:facebook|twitter|whatsapp|telegram|linkedin|pinterest|tweet|فيسبوك|تويتر|واتساب|تلغرام|طباعة"
            r"|نسخ الرابط)",
            r"(?:شارك|شاركها|مشاركة|انشر|شاركونا)(?: (?:هذا|هذه))?(?: (?:الخبر|المقال|المقالة|الموضوع|الصفحة|القصة))?"
            r"(?: (?:على|عبر|مع)(?: (?:الأصدقاء|أصدقائك|مواقع التواصل(?: الاجتماعي)?))?)?(?:[ ,|/:،]+"
            + _NETWORK
            + r")*",
        ),
    ),
    Rule(
        "newsletter",
        "an invitation to subscribe, begun with its verb",
        "line",
        30,
        (
            r"(?:subscribe|sign up|sign-up)(?: (?:now|here|today|free))?",
            r"(?:please )?(?:subscribe|sign up|sign-up) (?:to|for|here|now|today|and|with)\b.*",
            r"(?:get|receive|have)\b.{0,90}\b(?:in|to) your inbox.*|.{0,60}\bdelivered (?:daily |weekly )?"
            r"(?:straight |directly )?(?:in|to) your inbox.*",
            r"newsletter sign[ -]?up.*|(?:our |daily |weekly |morning )?newsletters?",
            r"(?:اشترك|اشتركوا|اشتركي|سجل|سجلوا)(?: الآن| معنا| مجانا)* (?:في|ب|على|لل?) ?(?:نشرتنا|النشرة"
            r"|القائمة البريدية|الخدمة|خدمة|قناتنا|القناة|قناة|صفحتنا|موقعنا)\b.*",
            r"(?:النشرة|القائمة) (?:البريدية|الإخبارية|الإلكترونية)",
        ),
    ),
    Rule(
        "follow us",
        "a promotion of the outlet's own channels and applications",
        "tail",
        30,
        (
            r"(?:click|tap) here to (?:get|download|join|follow|subscribe|sign up)\b.*|download (?:the"
            r"|our)\b.{0,40}\bapp\b.*",
            r"-? ?follow (?:us|@\w+|.{2,40} on (?:twitter|facebook|instagram|telegram|whatsapp|x|youtube"
            r"|google news))\b.*",
            r"(?:join|like|find|visit) (?:us|our)\b.{0,60}(?:facebook|telegram|whatsapp|twitter|channel|group|page"
            r"|app)\b.*|get the .{0,30}\bapp\b.*",
            r"و?ل(?:متابعة|تلقي|معرفة|لاطلاع|مزيد|لمزيد)\b(?=.{0,140}\b(?:يمكن(?:ك|كم)|تابعونا|تابعنا|تابع|تابعوا"
            r"|اشترك|اشتركوا"
            r"|انضم|انضموا|اضغط|اضغطوا|حمل|حملوا)\b).{0,200}" + _PLATFORM + r".{0,60}",
            r"(?:تابع|تابعوا) (?:كل|آخر|أحدث|أهم|جديد|أخبار|المزيد|صفحتنا|قناتنا|حسابنا|حساباتنا)\b.{0,90}"
            + _PLATFORM
            + r"\b.*",
            r"(?:انضم|انضموا|انضمي) (?:الآن )?(?:إلى|ل) ?(?:قناتنا|مجموعتنا|صفحتنا|مجتمعنا)\b.*",
            r"(?:تابعونا|تابعنا|انضم إلينا|انضموا إلينا)(?: (?:على|في|عبر)\b.*)?",
            r"(?:احصل|احصلوا|حمل|حملوا|نزل|حمل الآن) (?:الآن )?(?:على )?(?:تطبيق|تطبيقنا|التطبيق)\b.*",
            r"يمكن(?:ك|كم)(?: أيضا)? (?:استلام|تسلم|متابعة|تحميل|الاشتراك|الانضمام)\b.{0,80}\b(?:ال|ب|ب?ال)?"
            + _PLATFORM
            + r"\b.*",
        ),
    ),
    Rule(
        "rights",
        "who owns the page, not what happened",
        "tail",
        40,
        (
            r".{0,120}[©ⓒ].*|.{0,80}\(c\) ?(?:19|20)\d\d\b.*"
            r"|copyright (?:©|\(c\)|(?:19|20)\d\d|by\b).{0,120}|(?:[^.,]{0,80}[-–|.,©] ?)?all rights reserved\b.{0,80}",
            r"this (?:material|article|content|story) may not be (?:published|reproduced|republished|broadcast"
            r"|copied)\b.*",
            r"(?:[^.،]{0,60}[-–|©:] ?)?(?:جميع|كافة|كل) (?:ال)?حقوق (?:النشر |الطبع |الملكية )*محفوظة.*"
            r"|(?:ال)?حقوق (?:النشر |الطبع )*محفوظة.*",
        ),
    ),
    Rule(
        "site maker",
        "who built the site",
        "edge",
        12,
        (
            r"(?:maintained|developed|powered|designed) (?:and (?:developed|maintained|designed) )?by\b.*",
            r"(?:تصميم|برمجة|تطوير)(?: و ?(?:تصميم|برمجة|تطوير))+.*",
        ),
    ),
    Rule(
        "rights in rows",
        "a line that begins with the owner's claim is no sentence even in a cleaned text",
        "line",
        20,
        (r"copyright [©(].*|(?:©|ⓒ).*", r"(?:جميع|كافة) (?:ال)?حقوق (?:النشر |الطبع )?محفوظة.*"),
    ),
    Rule(
        "legal notice",
        "the terms on which material is used, with whom to write to",
        "tail",
        140,
        (
            r"(?=.*(?:قانون )?حقوق (?:التأليف|النشر|الملكية|الطبع))(?=.*(?:[\w.+-]+@[\w-]+\.\w|التواصل معنا"
            r"|مراسلتنا|راسلونا|التوقف عن استخدام)).*",
            r"(?=.*\bcopyright)(?=.*(?:[\w.+-]+@[\w-]+\.\w|contact us)).*",
            r"\**(?:إن |جميع |كل |كافة )?(?:النص|النصوص|المقال|المقالات|المقالة|الآراء|المواد|ما|هذا|هذه|المحتوى"
            r"|الموضوعات|التعليقات)\b.{0,160}\bلا ?[يت]عبر(?:ان|ون)? (?:بالضرورة )?(?:إلا )?عن\b.*",
            r"\**(?:جميع |كل )?(?:المقالات|الآراء)(?: المنشورة| الواردة)?\b.{0,40}\b(?:تمثل|تعبر عن) (?:رأي|آراء"
            r"|وجهة نظر|وجهات نظر) (?:كتابها|أصحابها|كاتبها)\b.*",
            r"(?:the |all )?(?:views|opinions)(?: and (?:views|opinions))? expressed\b.{0,160}\b(?:own|author"
            r"|authors|writer|columnist|contributors?|reflect|represent)\b.*",
            r"(?:إخلاء|إخلاء ال) ?مسؤولية.*|disclaimer ?:.*",
        ),
    ),
    Rule(
        "cookies",
        "consent banners stand in front of the page",
        "page",
        90,
        (
            r"(?:we|this (?:site|website|page)|our (?:site|website|partners))(?: and our partners)?(?: may)? (?:use"
            r"|store|collect)s?\b"
            r".{0,60}\bcookies?\b.*|by (?:using|continuing|clicking)\b.{0,80}\bcookies?\b.*",
            r"(?:accept|reject|manage|allow)(?: all)?(?: cookies| preferences)?|cookie (?:policy|settings"
            r"|preferences|notice)|i (?:agree|accept)|got it",
            r"(?:(?:هذا الموقع|الموقع|موقعنا|نحن) (?:ي|ن)ستخدم|نستخدم|(?:ي|ت)ستخدم (?:هذا|هذه|موقعنا)"
            r"|باستخدامك)\b.{0,80}"
            r"(?:ملفات (?:تعريف )?الارتباط|الكوكيز|cookies).*",
            r"(?:أوافق|موافق|قبول(?: الكل)?|رفض(?: الكل)?|قبول ملفات .*|سياسة ملفات .*)",
        ),
    ),
    Rule(
        "feed footer",
        "content systems add where a post first appeared",
        "tail",
        60,
        (
            r"(?:ظهرت المقالة|ظهر المقال|نشرت المقالة|نشر المقال|ظهرت التدوينة)\b.{0,200}\b(?:أولا|للمرة الأولى"
            r"|لأول مرة) (?:على"
            r"|في)\b.*",
        ),
    ),
    Rule(
        "author box",
        "who typed the post, under the article",
        "tail",
        25,
        (
            r"about the authors?(?: ?:.*)?|about post author\b.*|.{0,60}see author'?s posts|view all posts"
            r"(?: by\b.*)?|"
            r"(?:more|all) (?:posts|articles) by\b.*",
            r"(?:نبذة )?عن الكاتب(?:ة)?\b.{0,60}|(?:جميع|كل|المزيد من) (?:مقالات|مواضيع) (?:الكاتب|المحرر)\b.{0,40}",
        ),
    ),
    Rule(
        "comments",
        "readers' comments and their form follow the article",
        "end",
        14,
        (
            r"\(?\d*\)? ?(?:ال)?تعليق(?:ات)?(?: القراء| الزوار)?[ :]*\(?\d*\)?|(?:لا (?:توجد|يوجد)|بدون) "
            r"(?:أي )?تعليق(?:ات)?",
            r"\(?\d*\)? ?(?:no |view |show |all |reader )?comments?[ :]*\(?\d*\)?(?: (?:are )?(?:closed|off))?",
            r"(?:أضف|إضافة|إرسال|أرسل|اكتب|اترك|ضع|شاركنا ب?|انشر)(?: لنا)? (?:ال)?(?:تعليق|تعليقا|تعليقك|تعليقات"
            r"|ردا|رأيك)\b.{0,30}|كن أول من (?:يعلق|يكتب)\b.*",
            r"(?:leave|add|post|write) (?:a|your) (?:comment|reply|response)\b.*|join the (?:conversation"
            r"|discussion)\b.*|be the first to comment\b.*",
            r"إلغاء الرد|لن يتم نشر (?:عنوان )?بريدك\b.*|your e-?mail address will not be published\b.*"
            r"|.{0,30}required fields are marked.*",
        ),
    ),
    Rule(
        "comment form",
        "labels of the fields of a form",
        "tail",
        12,
        (
            r"(?:ال)?(?:اسم|إسم|بريد(?: .{1,14})?|موقع(?: .{1,14})?|عنوان التعليق|عنوان|تعليق|هاتف|رسالة|إلزامي"
            r"|اختياري|رمز التحقق) ?\*+",
            r"(?:your |full |first |last )?(?:name|e-?mail(?: address)?|website|url|comment|message|phone|subject"
            r"|security code|captcha)(?: \(required\))? ?\*+",
            r":? ?(?:\d+ )?characters? (?:left|remaining)|(?:\d+ )?(?:حرف|حروف) متبقي?ة?|security code|captcha",
            r"(?:أوافق|أو?افق) على (?:شروط|سياسة)\b.*|i agree to (?:the )?(?:terms|privacy)\b.*"
            r"|save my name, e-?mail\b.*|احفظ اسمي\b.*",
        ),
    ),
    Rule(
        "publishing terms",
        "what commenters may not write, as a paragraph of its own",
        "tail",
        120,
        (r"شروط (?:النشر|التعليق|المشاركة) ?:.*|(?:comment|community) (?:policy|guidelines|rules) ?:.*",),
    ),
    Rule(
        "photo credit",
        "names the picture, which the text does not show",
        "page",
        40,
        (
            r"[(\[]?" + PHOTO_AGENCY + r"(?:[ ,/|:•-]+" + PHOTO_AGENCY + r")*[)\]]?",
            r"(?:photo|photograph|picture|image|pic|video|file photo|stock photo|illustration)s?(?: by| credit"
            r"| source| courtesy(?: of)?| from| copyright)? ?[:/|].{1,160}",
            r"(?:photo|photograph|picture|image)s? (?:by|credit|courtesy|copyright) .{2,80}",
            r"(?:(?:ال)?صورة?(?: (?:أرشيفية|تعبيرية|توضيحية|من الأرشيف|من الفيديو|متداولة))?|أرشيفية|تعبيرية"
            r"|صور أرشيفية)(?:[ ,|/:•–-]+" + PHOTO_AGENCY + r")*",
            r"(?:تصوير|عدسة|المصور|مصدر الصورة|مصدر الصور|الصورة|صورة|صور|حقوق الصورة|الصورة من) ?[:/|].{1,120}",
            r"مصدر الصورة .{2,60}|التعليق على الصورة ?،?.{0,200}|صدر الصورة .{2,60}",
            r"enlarge this image\b.*|image (?:copyright|source)\b.{2,300}|hide caption|toggle caption\b.{0,80}"
            r"|\(photo: .{2,80}\)",
            r".{0,80}/ ?(?:afp/)?getty images|facebook twitter pinterest .{2,300}(?:photograph|illustration"
            r"|composite): .{2,80}",
            r".{3,160}[(\[] ?" + PHOTO_AGENCY + r"(?:[ ,/|-]+" + PHOTO_AGENCY + r")* ?[)\]]",
        ),
    ),
    Rule(
        "navigation",
        "menus, icons and counters",
        "page",
        10,
        (
            r"(?:home|menu|search|close|back to top|skip to (?:main )?content|log ?in|sign in|log in / register"
            r"|register|my account|live|more|show more|load more|view more|read more|previous|next|subscribe|listen"
            r"|watch|play|print|go back|top)",
            r"(?:home|الرئيسية|الصفحة الرئيسية)(?: ?[>›»«/|\\،-] ?.{1,60}){1,6}",
            r"(?:الرئيسية|الصفحة الرئيسية|القائمة|بحث|ابحث|تسجيل الدخول|دخول|مباشر|البث المباشر|بث مباشر|المزيد"
            r"|عرض المزيد|إظهار المزيد|اقرأ المزيد|السابق|التالي|رجوع|إغلاق|العودة إلى (?:الأعلى|أعلى)|استمع"
            r"|حجم الخط)",
            r"(?:الخبر|المقال|المقالة|الموضوع|previous|next) (?:السابق|السابقة|التالي|التالية|post|article|story)"
            r"(?: ?[:»«>].*)?",
            r"\w+(?: \w+)? icon",
            r"[\d.,]+ ?k? (?:views?|reads?|shares?|likes?|مشاهدة|مشاهدات|قراءة|قراءات|زيارة|إعجاب|مشاركات?)|"
            r"(?:views?|reads?|مشاهدات|المشاهدات|عدد المشاهدات|القراءات|عدد القراءات) ?:? ?[\d.,]+ ?k?",
            r"\d+ ?(?:min(?:ute)?s?|دقيقة|دقائق)(?: (?:read|قراءة|للقراءة))?|(?:وقت|مدة|زمن) القراءة\b.*|(?:reading"
            r"|read) time\b.*",
            r"(?:منذ|قبل) \d+ (?:ثانية|دقيقة|دقائق|ساعة|ساعات|يوم|أيام|يوما|أسبوع|أسابيع|شهر|أشهر|سنة|سنوات)|(?:منذ"
            r"|قبل) (?:ساعة|ساعتين|يوم|يومين|أسبوع|أسبوعين|شهر|شهرين|سنة|سنتين)",
            r"(?:about |over )?(?:\d+|an?|one|two) (?:second|minute|hour|day|week|month|year)s? ago",
        ),
    ),
    Rule(
        "site pages",
        "links to the pages about the outlet itself",
        "tail",
        6,
        (
            r"(?:about|contact|advertise|work)(?: with)? us|terms(?: of| and| &)?(?: (?:use|service|conditions))*"
            r"|privacy(?: policy| notice)?|site ?map|rss|faq|careers|advertise",
            r"من نحن|اتصل بنا|اتصلوا بنا|تواصل معنا|أعلن معنا|للإعلان(?: معنا)?|سياسة الخصوصية|شروط (?:الاستخدام"
            r"|النشر|الخدمة)|(?:ال)?شروط و ?(?:ال)?أحكام|خريطة الموقع|هيئة التحرير|وظائف",
        ),
    ),
    Rule(
        "contact",
        "an address alone on its line",
        "page",
        6,
        (r"(?:e-?mail|البريد(?: الإلكتروني)?|للتواصل|contact)? ?:? ?[\w.+-]+@[\w-]+\.[\w.]+|(?:https?://|www\.)\S+",),
    ),
    Rule(
        "byline",
        "who wrote it: there is no field for it, and it is not what happened",
        "edge",
        7,
        (
            r"by [^.!?]{3,60}|written by .{3,60}",
            r"(?:بقلم|كتب|كتبت|كتبه|إعداد|تقرير|تحرير|ترجمة|حوار|متابعة|مراسلنا|خاص|المحرر|الكاتب) ?[:/|-] ?.{2,50}"
            r"|بقلم .{2,50}|خاص",
        ),
    ),
)

RELATED = (
    # begun by a verb that addresses the reader
    r"و?(?:إقرأ|طالع|شاهد|تابع|استمع|انظر|راجع)(?:وا|ي)? (?:أيضا|كذلك|المزيد|أكثر)(?: (?:على|في|عن"
    r"|حول) [^:|\n]{2,30}?)?",
    # what the site believes to be of interest
    r"و?(?:قد|ربما) (?:ي|ت)(?:هم|عجب)(?:ك|كم)(?: أيضا| قراءة| الاطلاع على| هذا)*",
    # the heading of a widget
    r"و?(?:أخبار|مواضيع|موضوعات|مقالات|تقارير|مواد|روابط|قصص|عناوين|فيديوهات)(?: أخرى)? (?:ذات (?:ال)?صلة|ذات علاقة"
    r"|متعلقة|مرتبطة|مشابهة|مقترحة|(?:قد )?(?:ي|ت)همك(?:م)?)",
    r"ذات صلة|اخترنا ل(?:ك|كم)|الأكثر (?:قراءة|مشاهدة|تعليقا|تفاعلا|شيوعا|رواجا|تداولا)|المزيد من (?:الأخبار"
    r"|المقالات|المواضيع|الموضوعات)|(?:آخر|أحدث) (?:الأخبار|المقالات|المواضيع)",
    r"(?:read|see|watch|view|listen) (?:also|next|too|more)(?: (?:on|about|from|at|in|here)\b[^:|\n]{0,30}?)?|also "
    r"(?:read|see|watch|on)",
    r"(?:see )?related(?: (?:articles?|stories|story|news|posts?|topics?|content|links?|coverage|reading|videos?))?",
    r"more (?:on this(?: story| topic)?|like this|stories|news|headlines|coverage)|you (?:may|might|will)"
    r"(?: also)? (?:like|be interested in|want to read|enjoy|have missed)",
    r"recommended(?: (?:for you|stories|reading|articles|videos))?|most (?:read|popular|viewed|shared|commented)|"
    r"(?:trending|popular)(?: now| stories| posts| articles| news)?",
    r"don[’']?t miss|top stories|latest (?:news|stories|headlines|posts)|what to read next|editor[’']?s[’']? picks?"
    r"|further reading|up next",
)
"""Labels of links to other articles, alone on a line or before a separator and a headline; for `loose`."""

LINK_ONLY = (r"و?ل?للمزيد|المزيد|شاهد|اقرأ|قد يهمك|more|read|watch",)
"""Too short to stand alone as a label: they count only before a separator and a headline."""

SOURCE = r"(?:المصدر|المصادر|مصدر الخبر|نقلا عن|sources?|via) ?: ?(?P<value>.{2,60})"
KEYWORDS = (
    r"(?:(?:ال)?كلمات (?:ال)?(?:دلالية|مفتاحية)|(?:ال)?وسوم|(?:ال)?وسم|تاجز|تاجات|سمات|العلامات|key ?words?|tags?"
    r"|tagged(?: (?:with|as|in|under))?"
    r"|filed under|topics) ?: ?(?P<value>.*)"
)
DATE = (
    r"(?P<label>تاريخ (?:النشر|الإضافة|الخبر|المقال|المقالة|التحديث)|(?:نشر|نشرت|كتب|حرر|أضيف|حدث|عدل)(?: (?:في"
    r"|بتاريخ|يوم))|(?:تم )?(?:النشر|التحديث|نشره|تحديثه)(?: (?:في|بتاريخ|يوم))?"
    r"|آخر (?:تحديث|تعديل)(?: (?:في|بتاريخ))?|بتاريخ|التاريخ|(?:first |originally )?published(?: (?:on|at))?|posted"
    r"(?: (?:on|at))?|(?:last )?(?:updated|modified|edited)(?: (?:on|at))?"
    r"|publication date|date|created|issued) ?[:|،,-]? ?(?P<value>.*\d.*)"
)
UPDATED = r"(?:آخر|حدث|عدل|تم التحديث|التحديث|تاريخ التحديث|تم تحديثه|last|updated|modified|edited)"
FIRST_APPEARED = r"the post\b.{0,300}?\b(?:first appeared|appeared first) on (?P<value>.{2,80}?)\.?"


def folded(pattern: str) -> str:
    """A pattern with its Arabic letters folded as `key` folds the lines it will meet."""
    pattern = _MARKS.sub("", pattern)
    for old, new in _LETTERS:
        pattern = pattern.replace(old, new)
    return pattern


def compiled(patterns: Iterable[str]) -> re.Pattern[str]:
    """One expression for a whole folded line, in any case."""
    return re.compile(folded("|".join(f"(?:{p})" for p in patterns)), re.IGNORECASE)


_CLASSES = {"ا": "اأإآٱ", "أ": "اأإآٱ", "إ": "اأإآٱ", "آ": "اأإآٱ", "ه": "هة", "ة": "هة", "ي": "يى", "ى": "يى"}


def loose(pattern: str) -> str:
    """A pattern that finds its words in text as written, whatever the hamzas and diacritics, so that offsets hold.

    The pattern must not name Arabic letters in a set: "(?:ي|ت)", not "[يت]".
    """
    return re.sub("[ء-ي]", lambda m: f"(?:[{_CLASSES.get(m[0], m[0])}][{MARKS}]*)", pattern)


@cache
def phrases(kind: str) -> frozenset[str]:
    """The folded phrases of one kind in boilerplate.tsv: "agency", "city" or "section"."""
    rows = (line.split("\t") for line in Path(__file__).with_suffix(".tsv").read_text("utf-8").splitlines())
    return frozenset(key(row[1]) for row in rows if row[0] == kind)
