from .engine import Engine, Filters

__all__ = ["Engine", "Filters"]
