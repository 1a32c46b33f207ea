"""What the search page was asked, from the address and back into addresses."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.datastructures import QueryParams

from ..types import FACETS, Listing, Order
from .archive import Asked, Narrowing
from .translations import Interface

PAGE = 10
"""Hits on a page."""


@dataclass(frozen=True, slots=True)
class Question:
    """A search as its address states it: `q`, filters as people write them, how the hits are listed.

    `source` is "" for articles that name none. `page` counts from 1.
    """

    q: str = ""
    lang: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    sort: str = Order.RELEVANCE.value
    both: bool = False
    page: int = 1

    @classmethod
    def read(cls, given: QueryParams) -> Question:
        """What an address asks; side by side, no filter of languages is kept."""
        both = given.get("both") == "1"
        page = given.get("page", "")
        return cls(
            given.get("q", "").strip(),
            () if both else tuple(dict.fromkeys(filter(None, given.getlist("lang")))),
            tuple(dict.fromkeys(given.getlist("source"))),
            given.get("since", "").strip(),
            given.get("until", "").strip(),
            given.get("sort", Order.RELEVANCE.value),
            both,
            int(page) if page.isascii() and page.isdigit() and 0 < int(page) <= 1000 else 1,
        )

    def asked(self) -> Asked:
        """The search itself, one hit longer than a page, which tells whether there is another. Raises InputError."""
        listing = Listing(Order(self.sort), (self.page - 1) * PAGE, True, FACETS)
        narrowing = Narrowing(self.lang, self.source, self.since or None, self.until or None)
        return Asked(self.q, PAGE + 1, narrowing=narrowing, listing=listing)

    def but(self, **changes: Any) -> str:
        """The address of the same question with some parts changed, on its first page if none is given."""
        changed = replace(self, **{"page": 1} | changes)
        if changed.both:
            changed = replace(changed, lang=())
        return "/?" + urlencode(changed.parts())

    def toggled(self, name: str, value: str) -> str:
        """The address of the same question with a language or source added, or taken away where it is asked for."""
        held: tuple[str, ...] = getattr(self, name)
        return self.but(**{name: tuple(one for one in held if one != value) if value in held else (*held, value)})

    def parts(self, *without: str) -> list[tuple[str, str]]:
        """The names and values that an address or a form gives; what is as usual is left out."""
        found: list[tuple[str, str]] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in without or value == field.default:
                continue
            values = value if isinstance(value, tuple) else ("1" if value is True else str(value),)
            found += [(field.name, one) for one in values]
        return found

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form that asks something else keeps."""
        return self.parts("q", "page")

    @property
    def undated(self) -> list[tuple[str, str]]:
        """What a form that asks for other days keeps."""
        return self.parts("since", "until", "page")

    @property
    def feed(self) -> str:
        """The same question to the feed."""
        return urlencode(self.parts("page", "sort", "both"))

    @property
    def first(self) -> int:
        """The rank of the first hit of the page."""
        return (self.page - 1) * PAGE + 1

    def chips(self, t: Interface) -> list[tuple[Markup, str]]:
        """The filters that are set, each with the address that asks without it."""
        found = [(t("chip_lang", value=t.language_name(code)), self.toggled("lang", code)) for code in self.lang]
        found += [
            (t("chip_source", value=name) if name else t("no_source"), self.toggled("source", name))
            for name in self.source
        ]
        found += [(t("chip_since", value=self.since), self.but(since=""))] if self.since else []
        found += [(t("chip_until", value=self.until), self.but(until=""))] if self.until else []
        return found

    def orders(self, t: Interface) -> list[tuple[Markup, str, bool]]:
        """The orders of a list: what each is called, its address, whether it is chosen."""
        return [(t(f"sort_{order}"), self.but(sort=order.value), self.sort == order) for order in Order]

    def layouts(self, t: Interface) -> list[tuple[Markup, str, bool]]:
        """One list or one a language, likewise."""
        return [(t(f"both_{both:d}"), self.but(both=both), self.both == both) for both in (False, True)]


def page_of(given: QueryParams) -> int:
    """The page that an address asks for, from 1; the first where it asks for none."""
    return Question.read(given).page
