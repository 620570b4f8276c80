"""Tables, figures and pages, made from the files of runs alone.

Nothing is imported until it is used, since verbs that need no report should start fast.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
