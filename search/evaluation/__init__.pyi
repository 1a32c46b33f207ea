from .beir import Benchmark, read_queries, write_run
from .configurations import Configurations, Outcome, evaluate_configurations
from .groups import Relation, evaluate_groups, read_stories
from .rankings import MEASURES, compare, estimate, evaluate, report

__all__ = [
    "MEASURES",
    "Benchmark",
    "Configurations",
    "Outcome",
    "Relation",
    "compare",
    "estimate",
    "evaluate",
    "evaluate_configurations",
    "evaluate_groups",
    "read_queries",
    "read_stories",
    "report",
    "write_run",
]
