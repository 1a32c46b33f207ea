from .beir import Benchmark, read_queries, write_run
from .groups import Relation, evaluate_groups, read_stories
from .rankings import MEASURES, evaluate, report

__all__ = [
    "MEASURES",
    "Benchmark",
    "Relation",
    "evaluate",
    "evaluate_groups",
    "read_queries",
    "read_stories",
    "report",
    "write_run",
]
