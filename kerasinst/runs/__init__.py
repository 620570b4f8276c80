"""Run directories: the files through which verbs talk to each other.

Nothing is imported until it is used, since tagging with a TFLite file needs no run.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
