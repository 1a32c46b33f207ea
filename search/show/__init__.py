"""Results for people and programs: lines for a terminal, JSON, snippets."""

from .as_json import answer_json, answers_json, group_json, related_json, story_json
from .terminal import (
    answer_lines,
    answers_lines,
    article_lines,
    evaluation_lines,
    group_lines,
    harmless,
    model_lines,
    progress_bars,
    related_lines,
    source_lines,
    story_lines,
)

__all__ = [
    "answer_json",
    "answer_lines",
    "answers_json",
    "answers_lines",
    "article_lines",
    "evaluation_lines",
    "group_json",
    "group_lines",
    "harmless",
    "model_lines",
    "progress_bars",
    "related_json",
    "related_lines",
    "source_lines",
    "story_json",
    "story_lines",
]
