"""Lists of feeds in OPML, as feed readers export them."""

from __future__ import annotations

from index.errors import InputError

MOST_FEEDS = 5_000
"""The longest list that is read."""


def is_opml(data: bytes) -> bool:
    """Whether data begins as a list of feeds does."""
    return b"<opml" in data[:2_000].lower()


def feeds_of(data: bytes, name: str) -> list[str]:
    """The addresses of the feeds in a list, in order, each once. Raises InputError, with `name`, for what is none."""
    import lxml.etree  # type: ignore[import-untyped]

    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = lxml.etree.fromstring(data, parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise InputError(f"{name} is no OPML list of feeds.")
    found = [
        value.strip() for outline in root.iter("outline") for key, value in outline.items() if key.lower() == "xmlurl"
    ]
    if not found:
        raise InputError(f"{name} lists no feed: no outline in it has an xmlUrl.")
    if len(found) > MOST_FEEDS:
        raise InputError(f"{name} lists {len(found):,} feeds, more than {MOST_FEEDS:,}. Split it.")
    return list(dict.fromkeys(found))
