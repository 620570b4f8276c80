"""`kerasinst VERB` runs a verb; without a verb, `kerasinst` lists all of them."""

import ast
import sys
from pathlib import Path

import kerasinst
from kerasinst.core import cli, console
from kerasinst.core.errors import suggest

PACKAGE = Path(__file__).parent
"""Folder of the package kerasinst."""
VERBS = (
    "prepare", "search", "train", "evaluate", "predict", "baselines", "ablate", "explain", "compress", "export",
    "report", "reproduce",
)  # fmt: skip
"""Names of all verbs, in the order in which they are used."""


def main() -> None:
    """Runs the verb that the command line names."""
    verb, *arguments = sys.argv[1:] or ["--help"]
    if verb in ("--help", "-h"):
        console.results.print("Usage: kerasinst VERB [OPTIONS]\n", markup=False)
        console.show_facts([*((name, about(name)) for name in VERBS), ("--version", "Show the version.")])
        console.results.print("\nkerasinst VERB --help shows the options of a verb, and an example.", markup=False)
    elif verb == "--version":
        console.results.print(f"kerasinst {kerasinst.__version__}", markup=False)
    elif verb not in VERBS:
        cli.end(2, f"there is no verb '{verb}'; {suggest(verb, VERBS)}")
    else:
        cli.run(verb, arguments)


def about(verb: str) -> str:
    """Says in one line what a verb does, without importing its module.

    Args:
        verb: one of `VERBS`.

    Example:
        >>> about("train")
        'Train the network of an experiment and evaluate it once on test.'
    """
    tree = ast.parse((PACKAGE / f"{verb}.py").read_text(encoding="utf-8"))
    (shown,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    return " ".join((ast.get_docstring(shown) or "").partition("\n\n")[0].split())


if __name__ == "__main__":
    main()
