"""What an HTML page says of its article: title, date, language, and which parts of the page are not the article."""

from .dates import published
from .structured import body
from .titles import names, title
from .tree import parse, prune, visible_lines, without

__all__ = [
    "body",
    "names",
    "parse",
    "prune",
    "published",
    "title",
    "visible_lines",
    "without",
]
