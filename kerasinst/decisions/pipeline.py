"""The whole decision: steps that change scores, a rule that reports labels, and steps that change what is reported."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasinst.core.errors import BadInput
from kerasinst.core.registry import DECISIONS
from kerasinst.decisions.hysteresis import Hysteresis
from kerasinst.decisions.steps import LabelStep, Recording, Rule, ScoreStep, Step


def names() -> list[str]:
    """Lists the names of all steps."""
    return DECISIONS.names()


class Decision:
    """Decides which labels a recording has, from the scores of its frames.

    Args:
        rule: name of the rule, and its options, such as `{"top_n": {"n": 3}}`.
        steps: names and options of the other steps, in their order.
        labels: names of the labels in the order of scores.
        hop_seconds: distance from one frame to the next in seconds.
        by_frame: whether it decides frame by frame, and a recording has the labels that are reported somewhere in it;
            otherwise it decides by the mean scores of a recording.

    Raises:
        BadInput: if there is no such step, an option is wrong, the rule is none, or a step does not suit it.
    """

    def __init__(
        self,
        rule: Mapping[str, Mapping[str, Any]],
        steps: Sequence[Mapping[str, Mapping[str, Any]]] = (),
        *,
        labels: Sequence[str] = (),
        hop_seconds: float = 1.0,
        by_frame: bool = False,
    ) -> None:
        self.labels, self.hop_seconds, self.by_frame = list(labels), hop_seconds, by_frame
        self._named = [{name: dict(options)} for each in (rule, *steps) for name, options in each.items()]
        (name, first), *others = [
            (name, self._create(name, options)) for each in self._named for name, options in each.items()
        ]
        if not isinstance(first, Rule):
            raise BadInput(f"rule: '{name}' is no rule, but a step: name it in steps")
        self.rule: Rule = first
        for name, step in others:
            if isinstance(step, Rule):
                raise BadInput(f"steps: '{name}' is a rule: name it in rule")
            if isinstance(step, Hysteresis) and first.thresholds is None:
                raise BadInput("steps: hysteresis needs a rule with thresholds: threshold or hybrid")
        self.steps = [step for _, step in others]

    def _create(self, name: str, options: Mapping[str, Any]) -> Step:
        """Makes a step."""
        try:
            DECISIONS.check(name, dict(options))
            known = DECISIONS.parameters(name, given=True)
            given = {"labels": self.labels, "hop_seconds": self.hop_seconds}
            filled = {key: value for key, value in given.items() if key in known}
            step: Step = DECISIONS.get(name)(**options, **filled)
            return step
        except (TypeError, ValueError) as error:
            raise BadInput(f"{name}: {error}") from None

    def fit(self, recordings: Sequence[Recording]) -> "Decision":
        """Fits all steps, one after the other, to recordings of the validation split.

        Args:
            recordings: scores and truth of each recording.

        Returns:
            The decision itself.
        """
        scored = list(recordings)
        for step in self._of(ScoreStep):
            step.fit(scored)
            scored = [Recording(step(scores), truth) for scores, truth in scored]
        for step in (self.rule, *self._of(LabelStep)):
            step.fit(scored)
        return self

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Decides which labels a recording has.

        Args:
            scores: scores of its frames in the order of time, `(frames, labels)`.

        Returns:
            Booleans of shape `(frames, labels)`.
        """
        scores = np.asarray(scores, float)
        for step in self._of(ScoreStep):
            scores = step(scores)
        reported = self.rule(scores)
        for step in self._of(LabelStep):
            reported = step(reported, scores, thresholds=self.rule.thresholds)
        return reported

    def of_recording(self, scores: np.ndarray) -> np.ndarray:
        """Decides which labels a recording has as a whole.

        Args:
            scores: scores of its frames in the order of time, `(frames, labels)`.

        Returns:
            Booleans of shape `(labels,)`.
        """
        if self.by_frame:
            return np.asarray(self(scores).any(axis=0))
        return self(np.mean(scores, axis=0, keepdims=True))[0]

    def changed(
        self,
        rule: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        by_frame: bool | None = None,
        hop_seconds: float | None = None,
    ) -> "Decision":
        """Makes the same decision with some things changed.

        Args:
            rule: name of another rule, and its options; None keeps it.
            by_frame: whether it decides frame by frame; None is as before.
            hop_seconds: distance from one frame to the next in seconds; None is as before.

        Raises:
            BadInput: if the rule does not suit the other steps.
        """
        changed = Decision(
            self._named[0] if rule is None else rule,
            self._named[1:],
            labels=self.labels,
            hop_seconds=self.hop_seconds if hop_seconds is None else hop_seconds,
            by_frame=self.by_frame if by_frame is None else by_frame,
        )
        kept = [(changed.rule, self.rule)] if rule is None else []
        for step, before in (*kept, *zip(changed.steps, self.steps, strict=True)):
            step.fitted = dict(before.fitted)
        return changed

    def _of(self, kind: type) -> list[Any]:
        """Lists the steps of a kind."""
        return [step for step in self.steps if isinstance(step, kind)]

    def get_config(self) -> dict[str, Any]:
        """Returns everything that `from_config` needs, in values that JSON can hold."""
        return {
            "rule": self._named[0],
            "steps": self._named[1:],
            "labels": self.labels,
            "hop_seconds": self.hop_seconds,
            "by_frame": self.by_frame,
            "fitted": [step.fitted for step in (self.rule, *self.steps)],
        }


def from_config(config: Mapping[str, Any]) -> Decision:
    """Makes the decision again that `Decision.get_config` describes.

    Args:
        config: the description.
    """
    options = {name: config[name] for name in ("labels", "hop_seconds", "by_frame")}
    decision = Decision(config["rule"], config["steps"], **options)
    for step, fitted in zip((decision.rule, *decision.steps), config["fitted"], strict=True):
        step.fitted = dict(fitted)
    return decision


def create(rule: str, *, labels: Sequence[str] = (), hop_seconds: float = 1.0, **options: Any) -> Decision:
    """Makes a decision of a rule alone.

    Args:
        rule: name of the rule.
        labels: names of the labels in the order of scores.
        hop_seconds: distance from one frame to the next in seconds.
        **options: options of the rule.

    Raises:
        BadInput: if there is no such rule, or an option is wrong.
    """
    return Decision({rule: options}, labels=labels, hop_seconds=hop_seconds)
