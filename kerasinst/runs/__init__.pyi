from .run import Run as Run

__all__ = ["Run"]
