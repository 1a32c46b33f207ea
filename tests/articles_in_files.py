"""One article in every format, for tests of reading."""

from __future__ import annotations

import csv
import gzip
import hashlib
import html
import io
import json
from pathlib import Path

from index.read.documents import read
from index.types import Document, Rejected

# "A new bridge opens in the north": two paragraphs, "The minister opened today ..." and "He said the bridge ..."
TITLE = "افتتاح جسر جديد شمال المدينة"
PARAGRAPHS = (
    "افتتح وزير النقل اليوم جسرا جديدا يربط ضفتي النهر في شمال المدينة، بعد ثلاث سنوات من العمل المتواصل.",
    "وقال الوزير إن الجسر سيخفف الازدحام عن وسط المدينة، ويختصر زمن الرحلة بين الضفتين إلى عشر دقائق.",
)
TEXT = "\n".join(PARAGRAPHS)
DATE, SOURCE, URL, TAGS = "2024-12-14", "صحيفة المرآة", "https://almiraa.example/news/17", ("جسر", "نقل")
ROW = {"title": TITLE, "text": TEXT, "date": DATE, "source": SOURCE, "url": URL, "tags": list(TAGS)}
MARKUP = "".join(f"<p>{html.escape(p)}</p>" for p in PARAGRAPHS)

PAGE = f"""<!DOCTYPE html><html lang="ar"><head><meta charset="utf-8"><title>{TITLE} - {SOURCE}</title>
<meta property="og:title" content="{TITLE}"><meta property="og:site_name" content="{SOURCE}">
<meta property="article:published_time" content="{DATE}"><link rel="canonical" href="{URL}">
<meta name="keywords" content="{", ".join(TAGS)}"><script>var secret = "لا يقرأ";</script></head>
<body><nav><a href="/">الرئيسية</a> <a href="/sport">رياضة</a></nav>
<article><h1>{TITLE}</h1>{MARKUP}</article><footer>جميع الحقوق محفوظة 2023</footer></body></html>"""

RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>{SOURCE}</title>
<item><title>{TITLE}</title><link>{URL}</link><pubDate>{DATE}</pubDate>
{"".join(f"<category>{t}</category>" for t in TAGS)}
<description>موجز قصير</description><content:encoded><![CDATA[{MARKUP}]]></content:encoded></item>
</channel></rss>"""

ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{SOURCE}</title>
<entry><title>{TITLE}</title><link href="{URL}"/><published>{DATE}</published>
{"".join(f'<category term="{t}"/>' for t in TAGS)}
<content type="html">{html.escape(MARKUP)}</content></entry></feed>"""


def table(delimiter: str, rows: list[dict[str, object]] | None = None) -> str:
    out = io.StringIO()
    rows = rows or [{**ROW, "tags": "، ".join(TAGS)}]
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def jsons(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return str(path)


def documents(*sources: str) -> list[Document]:
    found = list(read(sources))
    assert not [r for r in found if isinstance(r, Rejected)]
    return [d for d in found if isinstance(d, Document)]


def split(*sources: str) -> tuple[list[Document], list[Rejected]]:
    found = list(read(sources))
    return [d for d in found if isinstance(d, Document)], [r for r in found if isinstance(r, Rejected)]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def good_line(n: int) -> bytes:
    return jsons({"id": n, "text": "نص"}).encode()
