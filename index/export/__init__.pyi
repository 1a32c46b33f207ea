from .forms import Form, form_of, lines, write

__all__ = ["Form", "form_of", "lines", "write"]
