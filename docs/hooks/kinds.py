"""Pages of what is found by file name: data sets, front ends, networks, augmentations and losses."""

import ast
import importlib.util
import inspect
from dataclasses import dataclass
from pathlib import Path

import docstrings

from kerasinst.registry import AUGMENTATIONS, FRONTENDS, LOSSES, NETWORKS, READERS, Registry


@dataclass(frozen=True)
class Kind:
    """One page.

    Args:
        page: its path.
        title: its heading.
        registry: whose entries it lists.
        introduction: what stands above them, in Markdown.
        following: links at its end, in Markdown.
    """

    page: str
    title: str
    registry: Registry
    introduction: str
    following: str


KINDS = [
    Kind(
        "reference/datasets.md",
        "Data sets",
        READERS,
        """A reader finds the clips of one data set, with their labels and the group that no split may tear apart.
Name it in the experiment file, or on the command line with the folder of the data set:

```text
python -m kerasinst.prepare --data ~/data/IRMAS --set dataset.reader=irmas --run runs/irmas
```

The options below are further keys of the section `dataset`:

```yaml
dataset:
  reader: irmas
  path: ~/data/IRMAS
  subset: all
  label_map: {gac: guitar, gel: other, tru: other, voi: null}  # null drops a label
```""",
        "[train on your own recordings](../guides/own-data.md), [split and evaluate](../guides/evaluation.md)",
    ),
    Kind(
        "reference/front-ends.md",
        "Front ends",
        FRONTENDS,
        """A front end is a Keras layer that turns a waveform into features ("the picture" in the docstrings): an array
of frames, bins and channels. It is part of the model, so training, `model.keras` and a device compute the same
features. Choose one in the experiment file; a preset's parameters can be changed one by one:

```yaml
frontend: {name: mfcc, preset: librosa, n_mfcc: 30, deltas: 2, scaling: standardize}
```

`scaling` is learned from the training part alone and stored as weights of the model. `standardize` shifts and scales
each bin, `min_max` uses one smallest and one largest value. `per_clip` scales each segment by itself, `peak` makes its
loudest value 1, and `none` leaves the features as they are.

To change the front end on the command line, replace the whole section, so that no option of the old one is left:

```text
--set "frontend={name: log_mel, preset: panns_16k}" --set audio.sample_rate=16000
```

`python -m kerasinst.prepare --show FILE` draws a file, or a clip of the data set, through every front end:

![A flute phrase with an accompaniment, drawn through every front end](../reports/front-ends.png)

A flute over an accompaniment, from the quickstart (`make figures` draws it again).

## How exact they are

The tests compare the front ends with other libraries on noise, sweeps, clicks, silence and rendered instruments:

- `log_mel` is within 0.01 dB of librosa, down to 80 dB below the loudest bin.
- `mfcc` is within 0.001 of librosa and of python_speech_features.
- `morlet` and `cqt` are within 1e-5 of the same wavelets in float64.
- In TFLite, built-in operators give the same features as Keras within 1e-3. The exception is `rfft`, which rounds
  differently there more than 80 dB below the loudest bin.

`make backends` installs JAX and PyTorch and compares them with TensorFlow.

## The Fourier transform on devices

Four front ends have the option `dft`, which says how the Fourier transform is computed:

- `rfft` uses the runtime's own operator.
- `conv` uses two small matrix products, for devices without an FFT operator. In TFLite this takes less than half of the
  operator's time. In training it takes longer than `rfft`.
- `computed` is the same, and computes its tables and the mel filters on the device. Files become much smaller, and
  loading a segment takes up to a tenth of a millisecond longer. `compress` and `export` choose it by themselves.

[Benchmarks](../benchmarks.md#front-ends) shows the time and the bytes of each.""",
        "[networks](networks.md), [the experiment file](experiment.md#frontend), [benchmarks](../benchmarks.md#front-ends)",
    ),
    Kind(
        "reference/networks.md",
        "Networks",
        NETWORKS,
        """A network turns features into one score for each label. Choose one in the experiment file, with the options
below; a misspelt option is refused, and the message names the nearest one.

```yaml
network: {name: strided, width: 0.5, dropout: 0.1}
```

| networks | made for |
|---|---|
| `strided`, `separable`, `ds_cnn`, `tc_resnet`, `mobilenet_v3_small` | phones, browsers and microcontrollers; most take a `width` |
| `ee5180`, `audioset4`, `multi_stft`, `resnet18`, `gru`, `crnn` | the four [studies](../studies.md) and the future work that they name |
| `panns` (Cnn6, Cnn10, Cnn14), `yamnet` | training that begins with [published weights](../guides/training.md#begin-with-pretrained-weights) |

Every size is an option, so a [search space](experiment.md#search) can vary it. In the descriptions, "picture" means the
features that the front end gives.""",
        "[training](../guides/training.md), [compressing](../guides/compressing.md), [add a network](../architecture.md)",
    ),
    Kind(
        "reference/augmentations.md",
        "Augmentations",
        AUGMENTATIONS,
        """An augmentation changes the training data at random. List them in `training.augment`, by name or with their
options:

```yaml
training:
  augment: [{noise: {min_snr_db: 15}}, pitch_shift, {cutmix: {form: time}}, spec_augment]
  copies: 4
```

Some change the waveform (`gain`, `noise`, `time_shift`, `time_stretch`, `pitch_shift`, `room`, `mix_clips`). They are
drawn anew in every step; with `training.copies` they are drawn once for that many copies of the training set. Others
change the features and run within the compiled training step, where they cost little (see
[benchmarks](../benchmarks.md#augmentations)). `cutmix_copies` is made once, before training.

Augmentations that mix two samples also mix their labels: the labels of a mix sum to one. With `task: multi-label` a mix
has all labels of both.""",
        "[training](../guides/training.md), [losses](losses.md)",
    ),
    Kind(
        "reference/losses.md",
        "Losses",
        LOSSES,
        """The loss is what training makes small. Without `training.loss`, single-label tasks use
`categorical_crossentropy` and multi-label tasks use `binary_crossentropy`.

```yaml
training: {loss: {focal: {gamma: 2.0}}}
```""",
        "[training](../guides/training.md), [the experiment file](experiment.md#training)",
    ),
]


def render(kind: Kind) -> str:
    """The page of a kind, as Markdown."""
    summary, parts = [], []
    for name in kind.registry.names():
        tree = ast.parse(source(kind.registry, name))
        first, rest = docstrings.module(ast.get_docstring(tree))
        summary.append((f"[`{name}`](#{name})", first))
        parts.append(f"## `{name}` {{ #{name} }}\n\n{first}\n\n{_entry(kind.registry, name, tree, rest)}")
    table = docstrings.markdown_table(("name", "what it is"), summary)
    body = "\n\n".join(parts)
    return f"# {kind.title}\n\n{kind.introduction}\n\n## All of them\n\n{table}\n\n{body}\n\nNext: {kind.following}.\n"


def source(registry: Registry, name: str) -> str:
    """The source of an entry's file."""
    folder = importlib.util.find_spec(registry.package).submodule_search_locations[0]
    return (Path(folder) / f"{name}.py").read_text(encoding="utf-8")


def _entry(registry: Registry, name: str, tree: ast.Module, about: str) -> str:
    wanted = registry.entry or name
    node = next(
        item
        for item in tree.body
        if isinstance(item, ast.FunctionDef | ast.ClassDef)
        and item.name.replace("_", "").lower() == wanted.replace("_", "")
    )
    text = docstrings.function(inspect.cleandoc(ast.get_docstring(node)), docstrings.parameters(node), registry.given)
    facts = [about, _cited(tree), text, _presets(node)]
    return "\n\n".join(fact for fact in facts if fact)


def _constants(body: list[ast.stmt]) -> dict[str, ast.expr]:
    found = {}
    for item in body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            found[item.targets[0].id] = item.value
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.value is not None:
            found[item.target.id] = item.value
    return found


def _cited(tree: ast.Module) -> str:
    """Citation and licence of a data set."""
    constants = _constants(tree.body)
    if "CITATION" not in constants or "LICENSE" not in constants:
        return ""
    return f"Citation: {_literal(constants['CITATION'])}\n\nLicence: {_literal(constants['LICENSE'])}"


def _literal(value: ast.expr) -> str:
    try:
        return str(ast.literal_eval(value))
    except ValueError:
        return ast.unparse(value)


def _presets(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Presets of a front end."""
    if not isinstance(node, ast.ClassDef) or "presets" not in (constants := _constants(node.body)):
        return ""
    value = constants["presets"]
    if not isinstance(value, ast.Dict) or not value.keys:
        return ""
    rows = [
        (f"`{_literal(key)}`", ", ".join(_preset(values)))
        for key, values in zip(value.keys, value.values, strict=True)
    ]
    return "The presets set:\n\n" + docstrings.markdown_table(("preset", "values"), rows)


def _preset(values: ast.expr) -> list[str]:
    if not isinstance(values, ast.Dict):
        return [docstrings.code(ast.unparse(values))]
    pairs = zip(values.keys, values.values, strict=True)
    return [docstrings.code(f"{_literal(key)}: {ast.unparse(value)}") for key, value in pairs] or ["the defaults"]
