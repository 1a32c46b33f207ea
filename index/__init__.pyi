from .encoders import load_encoder
from .local import Index

__all__ = ["Index", "load_encoder"]
