"""The manual: its commands run, its links lead somewhere, its experiments are valid, and its pages need no network."""

import contextlib
import itertools
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import soundfile
import trees
import yaml

from kerasinst import datasets
from kerasinst.experiment import PROJECT, QUICKSTART, Experiment

DOCS = PROJECT / "docs"
GUIDES = sorted(path.relative_to(PROJECT).as_posix() for path in (DOCS / "guides").glob("*.md"))
PAGES = ["README.md", "docs/index.md", "docs/quickstart.md", *GUIDES]
WRITTEN = sorted(DOCS.rglob("*.md"))
COPIED = runpy.run_path(str(DOCS / "hooks" / "copied.py"))["COPIED"]
NOT_RUN = {
    "make test": "runs all tests, this one among them",
    "make browser": "CI runs it by itself",
    "make backends": "installs JAX and PyTorch, which are large",
    "make docs": "`test_pages_need_no_network` builds the manual",
    "make manual": "runs this test",
    "git clone": "the copy that commands run in stands for the clone",
    "cd kerasinst": "as `git clone`",
}
"""Commands of pages that are not run, and why."""
LABELS = ("cello", "flute", "piano")
STUDY = ("Acoustic_guitar", "Cello", "Clarinet", "Double_bass", "Saxophone")
"""Labels that experiments/ee5180.yaml asks of FSDKaggle2018."""


def fences(text: str, language: str) -> list[str]:
    """Contents of the fenced blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(page: str) -> str:
    """What a reader types, in order, without what is not run."""
    lines = "".join(fences((PROJECT / page).read_text(encoding="utf-8"), "sh")).splitlines()
    skipped = (*NOT_RUN, "make search") if page == "README.md" else tuple(NOT_RUN)  # which the quickstart's page runs
    return "\n".join(line for line in lines if not line.strip().startswith(skipped))


@pytest.fixture(scope="module")
def audio(cache):
    """Rendered phrases of each label, as files."""
    clips = datasets.read("soundfont", makers_per_instrument=12, clips_per_group=1)
    return {label: [clip.path for clip in clips if clip.labels == (label,)][:12] for label in LABELS}


@pytest.fixture
def copy(tmp_path):
    """The project's files in a folder of their own, with the environment that the tests run in."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (PROJECT / name).is_file():
            (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, tmp_path / "project" / name)
    environment = tmp_path / "project" / ".venv"
    environment.mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.name != "installed":
            (environment / part.name).symlink_to(part)
    (environment / "installed").touch()  # newer than requirements.txt, so that make installs nothing
    return tmp_path / "project"


@pytest.fixture
def workplace(copy, audio):
    """The copy, with the recordings that the pages speak of."""
    for label, paths in audio.items():
        for folder, some in (("recordings", paths[:8]), ("other-recordings", paths[8:11])):
            (copy / folder / label).mkdir(parents=True)
            for path in some:
                shutil.copy(path, copy / folder / label)
    (copy / "more").mkdir()
    for paths in audio.values():
        shutil.copy(paths[11], copy / "more")
    waveform, rate = soundfile.read(audio["flute"][11])
    soundfile.write(copy / "new.mp3", waveform, rate)
    return copy


@pytest.fixture
def home(tmp_path, audio):
    """A home folder with small data sets in `data`, laid out as published."""
    data = tmp_path / "home" / "data"
    trees.irmas(data / "IRMAS", tests=True)
    for path, phrase in zip(sorted((data / "IRMAS").rglob("*.wav")), itertools.chain(*audio.values()), strict=False):
        shutil.copy(phrase, path)  # as long as real clips
    fsd = data / "FSDKaggle2018"
    rows = []
    for label, paths in zip(STUDY, [*audio.values(), *audio.values()], strict=False):
        for path in paths[:6]:
            name = f"{len(rows):08x}.wav"
            (fsd / "FSDKaggle2018.audio_train").mkdir(parents=True, exist_ok=True)
            shutil.copy(path, fsd / "FSDKaggle2018.audio_train" / name)
            rows.append((name, label, 1, 10_000 * len(rows)))
    (fsd / "FSDKaggle2018.meta").mkdir()
    columns = ["fname", "label", "manually_verified", "freesound_id"]
    table = fsd / "FSDKaggle2018.meta" / "train_post_competition.csv"
    pd.DataFrame(rows, columns=columns).to_csv(table, index=False)
    return tmp_path / "home"


def run(script: str, folder: Path, home: Path, output: Path) -> int:
    """Runs commands with bash, and ends what they leave running in the background."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": "",
    }
    with output.open("w") as file:
        started = subprocess.Popen(
            ["bash", "-c", f"set -euxo pipefail\n{script}"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return started.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGTERM)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work(page, workplace, home, tmp_path):
    script = commands(page)
    assert script.strip(), f"{page}: begins with a command"
    code = run(script, workplace, home, tmp_path / "output.txt")
    assert code == 0, f"{page}: exit code {code}\n{(tmp_path / 'output.txt').read_text(errors='replace')[-8000:]}"


@pytest.mark.slow
def test_pages_need_no_network(tmp_path):
    pytest.importorskip("mkdocs", reason="`make docs` installs it")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")],
        cwd=PROJECT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    pages = {path: path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.html")}
    assert len(pages) > len(WRITTEN)
    remote = {
        "script": r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//",
        "link": r"<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preconnect|preload|icon))[^>]*\bhref=[\"']?(?:https?:)?//",
        "style": r"(?:@import\s+|url\()\s*[\"']?(?:https?:)?//",
        "mermaid": r"class=\"mermaid\"",  # the theme would fetch what draws it
    }
    for path, text in [*pages.items(), *((path, path.read_text()) for path in (tmp_path / "site").rglob("*.css"))]:
        for kind, pattern in remote.items():
            assert not re.search(pattern, text), f"{path.name}: a remote {kind}"
    assert "irmas" in (tmp_path / "site" / "search" / "search_index.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_links_and_files_of_a_page_exist(page):
    text = page.read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose):
        if not re.match(r"\w+:", target):
            place = (page.parent / target).resolve()
            copied = place.relative_to(DOCS).as_posix() in COPIED.values()
            assert place.is_file() or copied, f"{page.name}: a link to {target}, which is not there"
    for name in re.findall(r"\b((?:experiments|search_spaces|docs)/[\w./-]*\w)", text):
        assert (PROJECT / name).exists(), f"{page.name}: names {name}, which is not there"


def test_copied_files_exist():
    assert all((PROJECT / source).is_file() for source in COPIED)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_experiments_of_a_page_are_valid(page, tmp_path):
    quickstart = Experiment.from_yaml(QUICKSTART).model_dump(mode="json")
    for block in fences(page.read_text(encoding="utf-8"), "yaml"):
        if block.startswith("<!--"):  # generated
            continue
        content = yaml.safe_load(block)
        if "extends" in content:
            (tmp_path / "extending.yaml").write_text(block)
            Experiment.from_yaml(tmp_path / "extending.yaml")
            continue
        sections = {key: value for key, value in content.items() if key in Experiment.model_fields}
        Experiment._checked({**quickstart, **sections}, source=page.name)
        for key, values in content.items():
            if key not in sections:  # an ablation or a search space
                assert key.split(".")[0] in Experiment.model_fields, f"{page.name}: {key} is no key of an experiment"
                for value in values if isinstance(values, list) else ():
                    Experiment._checked(quickstart, source=page.name).override({key: value})


@pytest.mark.parametrize("page", [page for page in PAGES if page != "README.md"])
def test_a_page_leads_on(page):
    text = (PROJECT / page).read_text(encoding="utf-8").strip()
    assert text.split("\n\n")[-1].startswith("Next: ["), f"{page}: should end with `Next: ...` links"
