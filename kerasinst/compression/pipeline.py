"""Makes each variant of a trained model, converts it to a file, and measures it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kerasinst import evaluation
from kerasinst.compression.fine_tuning import FineTuner
from kerasinst.compression.variants import VariantBuilder
from kerasinst.core.progress import Progress, silent
from kerasinst.datasets import Segment
from kerasinst.experiment import Experiment
from kerasinst.experiment.compression import VariantSection
from kerasinst.features import PreparedData, extract_features, label_balanced_order, segment_waveforms
from kerasinst.models.tflite_model import TFLiteModel
from kerasinst.models.waveform_model import WaveformModel
from kerasinst.tflite.conversion import in_child
from kerasinst.tflite.costs import costs
from kerasinst.tflite.packaging import Packager

CHECKED = 64
"""Number of segments on which each conversion is compared with its source."""


class VariantPipeline:
    """Makes variants of a trained model.

    Args:
        experiment: experiment of the model, which also says how variants are made.
        data: data that was prepared for the experiment.
        trained: the trained model.
        source: file or run of the model, from which students learn.
        state: folder for what the training of a student needs.
        progress: shows the work that takes long.

    Raises:
        ConversionFailed: if the front end cannot be converted.
    """

    def __init__(
        self,
        experiment: Experiment,
        data: PreparedData,
        *,
        trained: WaveformModel,
        source: Path,
        state: Path,
        progress: Progress = silent,
    ) -> None:
        self.experiment, self.data, self.labels = experiment, data, data.labels
        features = extract_features(experiment, data, progress=progress)
        fine_tuner = FineTuner(
            experiment, data, features=features, teacher=trained.network, plan=experiment.compression
        )
        self.builder = VariantBuilder(
            experiment,
            data,
            features=features,
            network=trained.network,
            fine_tuner=fine_tuner,
            source=source,
            state=state,
        )
        self.calibration = self.builder.examples(experiment.compression.calibration)
        rows = label_balanced_order(data.targets("train", experiment.task), fine_tuner.seed)[:CHECKED]
        segments = [data.segments["train"][row] for row in rows]
        waveforms = np.concatenate(list(segment_waveforms(segments, data.collection.decoded, cut=experiment.audio)))
        description = {**trained.description, "review_below": experiment.decision.review_below}
        self.decision = trained.decision
        card = experiment.card.facts(experiment.name, experiment.audio.segment_seconds)
        self.packager = Packager(
            trained.frontend, trained.scaling, waveforms=waveforms, description=description, card=card
        )

    def make(
        self, variant: VariantSection, on_epoch: Callable[[dict], None] = lambda row: None
    ) -> tuple[bytes, pd.DataFrame, dict[str, Any]]:
        """Makes a variant.

        Args:
            variant: section of the experiment that says how the variant is made.
            on_epoch: is called with a row of figures after each epoch.

        Returns:
            Content of the variant's file, its scores of the validation and test segments, and its metrics.

        Raises:
            BadInput: if the network has layers of which the variant cannot be made.
            ConversionFailed: if the network cannot be converted, or its file gives other scores.
        """
        self.builder.fine_tuner.on_epoch = on_epoch
        small = self.builder.make(variant)
        content, conversion = self.packager.file(small.network, small.quantize, calibration=self.calibration)
        table = self._scores(TFLiteModel(content))
        test = table[table.split == "test"]
        task, coarse = self.experiment.task, self.experiment.dataset.coarse_labels
        metrics = {
            "split": "test" if len(test) else None,
            "task": task,
            "protocol": self.experiment.split.protocol,
            "n_clips": int(test["clip"].nunique()),
            **(
                evaluation.evaluate(test, self.labels, task=task, decision=self.decision, coarse=coarse)
                if len(test)
                else {}
            ),
            **in_child(costs, content),  # where no training has left threads behind
            "parameters": small.parameters,
            "sparsity": small.sparsity,
            "seconds_to_train": small.seconds,
            "conversion": conversion,
            **({"pruning_curve": small.curve} if small.curve else {}),
        }
        return content, table, metrics

    def _scores(self, lite: TFLiteModel) -> pd.DataFrame:
        """Scores all validation and test segments, from their waveforms."""
        tables = [
            evaluation.scored_table(self.data, split, scores=self._score(lite, segments), labels=self.labels)
            for split, segments in self.data.segments.items()
            if split != "train"
        ]
        return evaluation.join_tables(tables)

    def _score(self, lite: TFLiteModel, segments: list[Segment]) -> np.ndarray:
        """Scores segments."""
        clips = segment_waveforms(segments, self.data.collection.decoded, cut=self.experiment.audio)
        frames = [] if lite.n_frames is None else [lite.n_frames]
        return np.concatenate([np.zeros((0, *frames, len(self.labels))), *(lite.score(of_clip) for of_clip in clips)])
