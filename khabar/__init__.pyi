from index import Index, load_encoder
from index.errors import KhabarError
from index.export import Form
from index.ingest import ingest
from index.open import create_store, open_store
from index.types import Article, Filters, Report
from search import Engine
from search.coverage import Collection, Related, asked_about, check, duplicates, related_to
from search.ranking import Reranker
from search.types import Answer, Checked, Hit, Listing, Mode, Order, Story, Tier

__all__ = [
    "Answer",
    "Article",
    "Checked",
    "Collection",
    "Engine",
    "Filters",
    "Form",
    "Hit",
    "Index",
    "KhabarError",
    "Listing",
    "Mode",
    "Order",
    "Related",
    "Report",
    "Reranker",
    "Story",
    "Tier",
    "asked_about",
    "check",
    "create_store",
    "duplicates",
    "ingest",
    "load_encoder",
    "open_store",
    "related_to",
]
