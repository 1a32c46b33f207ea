from .feed import from_feed
from .html import from_html
from .json import from_json, from_json_lines
from .markdown import from_markdown
from .plain import from_text
from .table import from_table

__all__ = [
    "from_feed",
    "from_html",
    "from_json",
    "from_json_lines",
    "from_markdown",
    "from_table",
    "from_text",
]
