from .alerts import digest, news_lines, saved_lines, saving_json, saving_lines
from .as_json import (
    affair_json,
    answer_json,
    answers_json,
    checked_json,
    group_json,
    hit_json,
    news_json,
    related_json,
    saved_json,
    story_json,
)
from .feed import Feed, FeedEntry, feed_xml
from .indexing import remark_lines, report_json, report_line
from .progress import Told, progress_bars, progress_steps
from .reasons import told_reasons
from .reports import (
    cut_lines,
    info_json,
    info_lines,
    problem_lines,
    problems_json,
    rejected_lines,
    setting_lines,
)
from .snippets import snippet
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
    "Feed",
    "FeedEntry",
    "Told",
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
    "digest",
    "evaluation_lines",
    "feed_xml",
    "group_json",
    "group_lines",
    "hit_json",
    "info_json",
    "info_lines",
    "model_lines",
    "news_json",
    "news_lines",
    "problem_lines",
    "problems_json",
    "progress_bars",
    "progress_steps",
    "rejected_lines",
    "related_json",
    "related_lines",
    "remark_lines",
    "report_json",
    "report_line",
    "saved_json",
    "saved_lines",
    "saving_json",
    "saving_lines",
    "setting_lines",
    "snippet",
    "source_lines",
    "story_json",
    "story_lines",
    "told_reasons",
    "wrapped",
]
