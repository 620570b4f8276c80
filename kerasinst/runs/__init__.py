"""Writes and reads run directories, whose files are all that verbs pass to each other.

Its modules are imported when they are first used, since tagging with a TFLite file needs no run.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
