from .experiment import Experiment as Experiment
from .locations import (
    PROJECT as PROJECT,
)
from .locations import (
    QUICKSTART as QUICKSTART,
)
from .locations import (
    find as find,
)
from .locations import (
    locate as locate,
)
from .locations import (
    name_after as name_after,
)
from .locations import (
    packaged as packaged,
)
from .locations import (
    read_yaml as read_yaml,
)

__all__ = ["PROJECT", "QUICKSTART", "Experiment", "find", "locate", "name_after", "packaged", "read_yaml"]
