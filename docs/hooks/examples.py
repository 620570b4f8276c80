"""Lets mkdocstrings show `Example:` sections of docstrings as Python."""

import griffe


class Examples(griffe.Extension):
    """Renames the section to what griffe's parser knows."""

    def on_object(self, *, obj: griffe.Object, **kwargs) -> None:
        """Called for each module, class, function and attribute."""
        if obj.docstring:
            obj.docstring.value = obj.docstring.value.replace("\nExample:\n", "\nExamples:\n")
