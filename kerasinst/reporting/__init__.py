"""Makes tables, figures and pages from the files of runs.

Its modules are imported when they are first used, so that verbs without a report start fast.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
