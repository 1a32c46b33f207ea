from .as_json import affair_json, answer_json, answers_json, checked_json, group_json, related_json, story_json
from .indexing import remark_lines, report_json, report_line
from .progress import progress_bars
from .reports import (
    cut_lines,
    info_json,
    info_lines,
    problem_lines,
    problems_json,
    rejected_lines,
    setting_lines,
)
from .tables import evaluation_lines, model_lines
from .terminal import (
    affair_lines,
    answer_lines,
    answers_lines,
    article_lines,
    checked_lines,
    group_lines,
    related_lines,
    source_lines,
    story_lines,
)
from .wrapping import wrapped

__all__ = [
    "affair_json",
    "affair_lines",
    "answer_json",
    "answer_lines",
    "answers_json",
    "answers_lines",
    "article_lines",
    "checked_json",
    "checked_lines",
    "cut_lines",
    "evaluation_lines",
    "group_json",
    "group_lines",
    "info_json",
    "info_lines",
    "model_lines",
    "problem_lines",
    "problems_json",
    "progress_bars",
    "rejected_lines",
    "related_json",
    "related_lines",
    "remark_lines",
    "report_json",
    "report_line",
    "setting_lines",
    "source_lines",
    "story_json",
    "story_lines",
    "wrapped",
]
