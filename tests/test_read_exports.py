"""What programs and sites export is understood, or its fields are named: never a title without its text."""

from __future__ import annotations

import json
import os
import resource
import unicodedata
from pathlib import Path

import pytest
from exported_files import MORE, TEXT, split, write

from index.read import read
from index.types import Document, Noted

EXPORTS = {
    "news-please": {
        "date_download": "2023-05-01 00:00:00",
        "date_publish": "2023-01-05 08:00:00",
        "description": "Short.",
        "maintext": TEXT,
        "source_domain": "kasrun.example",
        "text": None,
        "title": "A bridge",
        "title_page": None,
        "url": "https://kasrun.example/1",
    },
    "fundus": [
        {
            "title": "A bridge",
            "publishing_date": "2023-01-05 08:00:00+00:00",
            "body": {"summary": ["In short."], "sections": [{"headline": ["Talks"], "paragraphs": [TEXT, MORE]}]},
            "publisher": "kasrun.example",
        }
    ],
    "goose": {"title": "A bridge", "cleaned_text": TEXT, "publish_date": "2023-01-05", "domain": "kasrun.example"},
    "crawled archive": {
        "title": "A bridge",
        "plain_text": TEXT,
        "published_date": "2023-01-05",
        "sitename": "kasrun.example",
    },
    "reader": {
        "code": 200,
        "data": {
            "title": "A bridge",
            "content": TEXT,
            "publishedTime": "2023-01-05T08:00:00Z",
            "siteName": "kasrun.example",
        },
    },
    "trafilatura": {
        "title": "A bridge",
        "hostname": "kasrun.example",
        "date": "2023-01-05",
        "fingerprint": "ab12",
        "id": None,
        "raw_text": "A bridge " + TEXT,
        "text": TEXT,
        "source": "https://kasrun.example/1",
        "source-hostname": "kasrun.example",
        "excerpt": "Short.",
    },
    "media cloud": {
        "stories_id": 17,
        "title": "A bridge",
        "publish_date": "2023-01-05",
        "media_name": "kasrun.example",
        "media_url": "https://kasrun.example",
        "url": "https://kasrun.example/1",
        "story_text": TEXT,
    },
    "event registry": {
        "articles": {
            "results": [
                {
                    "title": "A bridge",
                    "body": TEXT,
                    "dateTimePub": "2023-01-05T08:00:00Z",
                    "source": {"title": "kasrun.example"},
                }
            ]
        }
    },
    "editor blocks": {
        "title": "A bridge",
        "content": {
            "blocks": [{"type": "paragraph", "data": {"text": TEXT}}, {"type": "paragraph", "data": {"text": MORE}}]
        },
        "date": "2023-01-05",
        "source": "kasrun.example",
    },
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_understood(tmp_path: Path, name: str) -> None:
    (found,), rejected, _ = split(write(tmp_path, "a.json", EXPORTS[name]))
    assert rejected == []
    assert TEXT in found.text
    assert found.text != found.title == "A bridge"
    assert found.published is not None
    assert found.published.startswith("2023-01-05")
    assert found.source == "kasrun.example"


NESTED = {
    "chats": {"chats": {"list": [{"id": 1, "messages": [{"text": TEXT}]}, {"id": 2, "messages": [{"text": MORE}]}]}},
    "graph": {"@context": "https://schema.org", "@graph": [{"articleBody": TEXT}, {"articleBody": MORE}]},
    "database": {
        "db": [{"meta": {}, "data": {"posts": [{"plaintext": "", "html": "", "text": TEXT}, {"text": MORE}]}}]
    },
    "summaries": {"items": [{"summary": {"direction": "ltr", "content": text}} for text in (TEXT, MORE)]},
}


@pytest.mark.parametrize("name", NESTED)
def test_articles_are_found_in_the_lists_of_an_export(tmp_path: Path, name: str) -> None:
    documents, rejected, _ = split(write(tmp_path, "a.json", NESTED[name]))
    assert ([found.text for found in documents], rejected) == ([TEXT, MORE], [])


def test_gdelt_lists_headlines_with_compact_times(tmp_path: Path) -> None:
    row = {"url": "https://kasrun.example/1", "title": "A bridge", "seendate": "20230105T150000Z", "language": "Arabic"}
    (found,), rejected, _ = split(write(tmp_path, "a.json", {"articles": [row]}))
    assert (found.text, found.published, found.language, rejected) == (
        "A bridge",
        "2023-01-05T15:00:00+00:00",
        "ar",
        [],
    )


def test_a_message_in_pieces_is_one_sentence_and_notices_are_passed_over(tmp_path: Path) -> None:
    pieces = [
        "عاجل | ",
        {"type": "bold", "text": "بلدية قصرون"},
        " تقر جسرا جديدا ",
        {"type": "hashtag", "text": "#قصرون"},
    ]
    messages = [
        {"id": 1, "type": "service", "date": "2023-01-05T08:00:00", "action": "create_channel", "text": ""},
        {"id": 2, "type": "message", "date": "2023-01-05T08:05:00", "from": "قصرون عاجل", "text": pieces},
    ]
    (found,), rejected, notes = split(write(tmp_path, "a.json", {"name": "قصرون عاجل", "messages": messages}))
    assert found.text == "عاجل | بلدية قصرون تقر جسرا جديدا #قصرون"
    assert (found.source, rejected, notes) == ("قصرون عاجل", [], ["1 notices of the channel itself were passed over"])


@pytest.mark.parametrize(
    "row",
    [
        {"title": "A bridge", "inhalt": TEXT},
        {"title": "A bridge", "fields": {"corps": TEXT}},
        {"title": "A bridge", "payload": {"deep": [TEXT, MORE]}},
        {"title": "A bridge", "body": {"inhalt": TEXT}},
    ],
)
def test_a_title_whose_text_is_in_an_unknown_field_is_rejected(tmp_path: Path, row: dict[str, object]) -> None:
    documents, (rejected,), _ = split(write(tmp_path, "a.jsonl", json.dumps(row)))
    assert documents == []
    assert rejected.path.endswith("a.jsonl:1")
    assert rejected.reason.startswith("row with a title and no text")
    assert "Its fields are title, " in rejected.reason


def test_a_summary_beside_a_longer_unknown_field_is_noted(tmp_path: Path) -> None:
    (found,), _, notes = split(write(tmp_path, "a.csv", f'title,description,inhalt\nA bridge,In short.,"{TEXT}"\n'))
    assert found.text == "In short."
    assert notes == ["its field 'inhalt' is longer than its summary, which was read; rename it to text"]


@pytest.mark.parametrize(
    ("title", "source", "expected"),
    [
        ("A bridge for Kasrun - Kasrun Post", "Kasrun Post", "A bridge for Kasrun"),
        ("جسر جديد في قصرون | صحيفة المرآة", "صحيفة المراة", "جسر جديد في قصرون"),
        ("A bridge - for whom? - Kasrun Post", "kasrun post", "A bridge - for whom?"),
        ("A bridge - Kasrun Post of today", "Kasrun Post", "A bridge - Kasrun Post of today"),
        ("Kasrun Post", "Kasrun Post", "Kasrun Post"),
        ("The fall of Kasrun Post", "Kasrun Post", "The fall of Kasrun Post"),
    ],
)
def test_the_outlet_behind_a_headline_is_left_out_where_it_is_stated(
    tmp_path: Path, title: str, source: str, expected: str
) -> None:
    (found,), _, _ = split(write(tmp_path, "a.jsonl", json.dumps({"title": title, "text": TEXT, "source": source})))
    assert found.title == expected


def test_a_text_that_its_source_cut_short_says_so(tmp_path: Path) -> None:
    (found,), _, notes = split(write(tmp_path, "a.jsonl", json.dumps({"text": f"{TEXT[:60]}… [+1234 chars]"})))
    assert found.text == f"{TEXT[:60]}…"
    assert notes == ["its text is cut short: the source kept only its beginning"]


# --- Dates and bounds ---


def test_a_date_that_cannot_be_read_is_noted_and_the_next_one_is_tried(tmp_path: Path) -> None:
    rows = [{"text": TEXT, "date": "soon"}, {"text": TEXT, "date": "soon", "timestamp": 1734168328}]
    path = write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    (first, second), _, notes = split(path)
    assert (first.published, second.published) == ("soon", "2024-12-14T09:25:28+00:00")
    assert notes == ["its date could not be read: 'soon'"]


@pytest.mark.parametrize(
    ("row", "field", "longest", "what"),
    [
        ({"title": "word " * 300_000}, "title", 1_000, "title has 1,499,999 characters; it was cut to 1,000"),
        ({"source": "word " * 1000}, "source", 500, "source has"),
        ({"id": "x" * 10_000}, "id", 32, "id has 10,000 characters"),
        ({"tags": [f"t{n}" for n in range(5000)]}, "keywords", 200, "only the first 200 of its 5,000 keywords"),
        ({"tags": ["k" * 900]}, "keywords", 1, "a keyword was cut to 500 characters"),
        ({"url": "https://a.example/" + "x" * 9000}, "url", 0, "address has 9,018 characters"),
    ],
)
def test_what_is_too_long_is_cut_and_named(
    tmp_path: Path, row: dict[str, object], field: str, longest: int, what: str
) -> None:
    (found,), _, (note,) = split(write(tmp_path, "a.jsonl", json.dumps({"text": TEXT, **row})))
    assert len(getattr(found, field) or "") <= longest
    assert what in note


def test_lists_wrapped_in_many_objects_are_not_parsed_for_ever(tmp_path: Path) -> None:
    deep = '{"articles":' * 300 + json.dumps([{"text": TEXT}] * 100) + "}" * 300
    documents, (rejected,), _ = split(write(tmp_path, "a.json", deep))
    assert documents == []
    assert "nested too deeply" in rejected.reason
    shallow = '{"data":' * 7 + json.dumps([{"text": TEXT}]) + "}" * 7
    assert len(split(write(tmp_path, "b.json", shallow))[0]) == 1


# --- Bounded work ---


def test_runs_of_empty_lines_are_one_line_to_read_and_are_counted(tmp_path: Path) -> None:
    import io

    from index.read.encodings import lines

    blank = 3_000_000
    assert len(list(lines(io.BufferedReader(io.BytesIO(b"\n" * blank)), "utf-8"))) < 10
    row = json.dumps({"title": "A bridge", "text": TEXT})
    path = write(tmp_path, "a.jsonl", "\n" * blank + f"{row}\r\n\r\n\r\n{row}\n\n{{broken")
    documents, (rejected,), _ = split(path)
    places = [found.path for found in documents] + [rejected.path]
    assert places == [f"{path}:{blank + 1}", f"{path}:{blank + 4}", f"{path}:{blank + 6}"]
    path = write(tmp_path, "a.csv", f'\n\ntitle,text\n\n\nOne,"a\n\n\nb"\n{chr(10) * blank}Two,c\n')
    assert [(found.path, found.text) for found in split(path)[0]] == [
        (f"{path}:6", "a\n\n\nb"),
        (f"{path}:{blank + 10}", "c"),
    ]


def test_a_file_too_large_for_its_format_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("A text of Kasrun. " * 5000, "utf-8")
    os.truncate(path, 8 << 30)  # no disk is used for it
    before = resource.getrusage(resource.RUSAGE_SELF).ru_inblock
    _, (rejected,), _ = split(str(path))
    assert "is larger than 16 MiB" in rejected.reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_inblock - before < 10_000


def test_escape_sequences_bring_in_no_control_character_and_no_half_of_a_pair(tmp_path: Path) -> None:
    arabic = "".join(f"\\u{ord(letter):04x}" for letter in "هطل المطر على البلدة")  # rain fell on the town
    path = tmp_path / "escaped.txt"
    path.write_text(arabic + "\\u0000\\ud800\\u0007", "utf-8")
    (found,) = [record for record in read([str(path)]) if isinstance(record, Document)]
    assert found.text == "هطل المطر على البلدة\ufffd"


def test_lines_in_the_order_in_which_they_are_drawn_are_turned(tmp_path: Path) -> None:
    # In presentation forms, from left to right: "the port of Sarmin closed 12 piers (ABC)."
    drawn = (
        ".(ABC) \ufe8e\ufed4\ufef4\ufebb\ufead 12 \ufee6\ufef4\ufee3"
        "\ufead\ufe8e\ufeb3 \ufe80\ufe8e\ufee8\ufef4\ufee3 \ufe96\ufed8\ufee0\ufecf\ufe83"
    )
    path = tmp_path / "drawn.jsonl"
    path.write_text(json.dumps({"text": drawn}), "utf-8")
    found, note = read([str(path)])
    assert isinstance(found, Document)
    assert unicodedata.normalize("NFKC", found.text) == "أغلقت ميناء سارمين 12 رصيفا (ABC)."
    assert isinstance(note, Noted)
    assert "drawn" in note.what


def test_presentation_forms_in_reading_order_stay_as_they_are(tmp_path: Path) -> None:
    written = "\ufe83\ufecf\ufee0\ufed8\ufe96 \ufee3\ufef4\ufee8\ufe8e\ufe80"
    path = tmp_path / "written.jsonl"
    path.write_text(json.dumps({"text": written}), "utf-8")
    (found,) = read([str(path)])
    assert isinstance(found, Document)
    assert found.text == written
