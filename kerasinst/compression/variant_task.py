"""Makes one variant of a run, in any process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kerasinst import evaluation
from kerasinst.compression.pipeline import VariantPipeline
from kerasinst.core.errors import BadInput, Diverged, Failed
from kerasinst.core.progress import Progress, silent
from kerasinst.core.progress_bars import Stages
from kerasinst.experiment import Experiment
from kerasinst.experiment.compression import VariantSection
from kerasinst.features import prepare_data_once
from kerasinst.models import waveform_model
from kerasinst.runs import Run
from kerasinst.runs.writing import write_variant

_last: dict[tuple[str, str, str], VariantPipeline] = {}
"""Pipeline that this process used last, by the experiment, the run and its model."""


@dataclass(frozen=True)
class VariantTask:
    """Makes variants of the trained model of a run by their names, and writes them into the run.

    Attributes:
        experiment: experiment of the model.
        run: run of the model.
        variants: sections of the experiment that say how variants are made, by name.
        made_of: description of what each variant is made of, by name.
        show: shows the variant that is made, and its epochs; None shows nothing.
        progress: shows the other work that takes long.
    """

    experiment: Experiment
    run: Run
    variants: Mapping[str, VariantSection]
    made_of: Mapping[str, dict[str, Any]]
    show: Stages | None = None
    progress: Progress = silent

    def __reduce__(self) -> tuple[type, tuple]:
        """Leaves behind what shows progress in this process."""
        return VariantTask, (self.experiment, self.run, self.variants, self.made_of)

    def __call__(self, name: str) -> str | None:
        """Makes a variant and writes it.

        Args:
            name: name of the variant.

        Returns:
            What is wrong if it cannot be made of this network, or None.
        """
        pipeline = self._pipeline()
        if self.show:
            self.show.next(name)
        try:
            content, segments, metrics = pipeline.make(
                self.variants[name], self.show.epoch if self.show else lambda row: None
            )
        except (BadInput, Failed, Diverged) as error:
            return str(error)
        write_variant(
            self.run,
            name,
            content=content,
            labels=pipeline.labels,
            predictions=evaluation.decide(
                segments, pipeline.decision, labels=pipeline.labels, task=self.experiment.task
            )[1],
            metrics={"variant": name, "made_of": self.made_of[name], **metrics},
        )
        return None

    def _pipeline(self) -> VariantPipeline:
        """Makes the pipeline once in a process, since variants share its steps."""
        key = (self.experiment.to_yaml(), str(self.run.path), self.run.digest())
        if key not in _last:
            _last.clear()
            _last[key] = VariantPipeline(
                self.experiment,
                prepare_data_once(self.experiment),
                trained=waveform_model.load(self.run.model_file),
                source=self.run.path,
                state=self.run.file("state") / "student",
                progress=self.progress,
            )
        return _last[key]
