"""Feeds and exported blogs give what was published, without what their software puts around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from exported_files import TEXT, split, write


def rss(*items: str, head: str = "<title>Kasrun Post</title><link>https://kasrun.example/</link>") -> str:
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"'
    inner = "\n".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?>\n<rss version="2.0" {spaces}><channel>{head}\n{inner}</channel></rss>'


@pytest.mark.parametrize(
    "ending",
    [
        'The post <a href="x">A bridge</a> appeared first on <a href="y">Kasrun Post</a>.',
        'ظهرت المقالة <a href="x">جسر</a> أولاً على <a href="y">قصرون</a>.',
        'The article <a href="x">A bridge</a> first appeared on <a href="y">Kasrun Post</a>.',
    ],
)
def test_what_blog_software_puts_under_an_article_is_left_out(tmp_path: Path, ending: str) -> None:
    item = f"<title>A bridge</title><description><![CDATA[<p>{TEXT}</p><p>{ending}</p>]]></description>"
    (found,), _, _ = split(write(tmp_path, "a.xml", rss(item)))
    assert found.text == TEXT


def test_of_an_exported_blog_only_what_was_published_is_read(tmp_path: Path) -> None:
    def item(title: str, kind: str, status: str) -> str:
        content = f"<content:encoded><![CDATA[<p>{TEXT} {title}</p>]]></content:encoded>"
        return f"<title>{title}</title>{content}<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>"

    path = write(
        tmp_path,
        "a.xml",
        rss(
            item("A bridge", "post", "publish"),
            item("About us", "page", "publish"),
            item("quay.jpg", "attachment", "inherit"),
            item("Not yet", "post", "draft"),
            item("Secret", "post", "private"),
            item("Home", "nav_menu_item", "publish"),
        ),
    )
    documents, rejected, notes = split(path)
    assert [found.title for found in documents] == ["A bridge", "About us"]
    assert rejected == []
    assert notes == [
        "items that are no published article were passed over: 1 attachment, 1 draft, 1 nav_menu_item, 1 private"
    ]


def test_kinds_of_another_blog_are_no_keywords(tmp_path: Path) -> None:
    def entry(title: str, kind: str) -> str:
        scheme = "http://schemas.google.com/g/2005#kind"
        term = f"http://schemas.google.com/blogger/2008/kind#{kind}"
        said = f'<category scheme="{scheme}" term="{term}"/><category term="Kasrun"/>'
        return f"<entry><title>{title}</title>{said}<content type='html'>{TEXT}</content></entry>"

    entries = entry("A bridge", "post") + entry("Nice words", "comment") + entry("Template", "template")
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Post</title>{entries}</feed>'
    documents, _, (note,) = split(write(tmp_path, "a.xml", feed))
    assert [(found.title, found.keywords) for found in documents] == [("A bridge", ("Kasrun",))]
    assert note.endswith("1 comment, 1 template")


def test_an_item_without_its_end_takes_nothing_from_the_next(tmp_path: Path) -> None:
    def item(title: str) -> str:
        return f"<title>{title}</title><link>/{title}</link><description>{TEXT}</description>"

    feed = rss(item("One"), item("Two")).replace("</item>\n", "</item>\n<item><title>Bad</item>\n", 1)
    documents, _, _ = split(write(tmp_path, "a.xml", feed))
    good = [found for found in documents if found.text == TEXT]
    assert [(found.title, found.source, found.url) for found in good] == [
        ("One", "Kasrun Post", "https://kasrun.example/One"),
        ("Two", "Kasrun Post", "https://kasrun.example/Two"),
    ]
    assert all("Two" not in found.title for found in documents if found not in good)


def test_an_item_in_a_comment_or_cdata_section_is_text(tmp_path: Path) -> None:
    item = f"<title>A bridge</title><description><![CDATA[<p>{TEXT}</p><item>]]></description>"
    path = write(tmp_path, "a.xml", rss("<!-- <item> -->" + item))
    assert [found.path for found in split(path)[0]] == [f"{path}:3"]
