"""`card`: what the files of a model say of it."""

from typing import Annotated

from pydantic import Field

from kerasinst.experiment.section import Section

Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text."""


class CardSection(Section):
    """Says what exported files tell of a model, in their metadata and in `model_card.md`.

    - `description`: what the model does, in a sentence; `null` writes one.
    - `version`: version of the model.
    - `author`: who made it.
    - `license`: its licence, such as `CC BY 4.0`.
    """

    description: Text | None = None
    version: Text = "1"
    author: Text = ""
    license: Text = ""

    def facts(self, name: str, segment_seconds: float) -> dict[str, str]:
        """Gives what the metadata of a file says.

        Args:
            name: name of the model.
            segment_seconds: length in seconds of the audio that it hears at once.
        """
        description = self.description or f"Names what sounds in {segment_seconds:g} s of audio."
        return {"name": name, **self.model_dump(), "description": description}
