from .card_file import write_card as write_card
from .comparison_report import write_report as write_report
from .data_set_summary import show_data_set as show_data_set
from .live_leaderboard import live_leaderboard as live_leaderboard
from .midi_files import MidiFiles as MidiFiles
from .run_page import write_page as write_page
from .search_preview import show_preview as show_preview
from .summary import (
    show as show,
)
from .summary import (
    show_ablation as show_ablation,
)
from .summary import (
    show_baselines as show_baselines,
)
from .summary import (
    show_compression as show_compression,
)
from .summary import (
    show_error_causes as show_error_causes,
)
from .summary import (
    show_explanation as show_explanation,
)
from .summary import (
    show_report as show_report,
)
from .tag_files import TagFiles as TagFiles
from .timeline_files import TimelineFiles as TimelineFiles

__all__ = [
    "MidiFiles",
    "TagFiles",
    "TimelineFiles",
    "live_leaderboard",
    "show",
    "show_ablation",
    "show_baselines",
    "show_compression",
    "show_data_set",
    "show_error_causes",
    "show_explanation",
    "show_preview",
    "show_report",
    "write_card",
    "write_page",
    "write_report",
]
