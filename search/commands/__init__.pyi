from .arriving import fetch_command, watch_command
from .asking import QueryCommand, search_command, show_command, sources_command
from .assisting import mcp_command
from .care import export_command, info_command, verify_command
from .comparing import check_command, duplicates_command, related_command, stories_command
from .configuring import config_command
from .indexing import index_command, reindex_command, remove_command
from .measuring import evaluate_command, models_command
from .program import Program, program
from .serving import serve_command
from .telling import news_command, save_command, saved_command

__all__ = [
    "Program",
    "QueryCommand",
    "check_command",
    "config_command",
    "duplicates_command",
    "evaluate_command",
    "export_command",
    "fetch_command",
    "index_command",
    "info_command",
    "mcp_command",
    "models_command",
    "news_command",
    "program",
    "reindex_command",
    "related_command",
    "remove_command",
    "save_command",
    "saved_command",
    "search_command",
    "serve_command",
    "show_command",
    "sources_command",
    "stories_command",
    "verify_command",
    "watch_command",
]
