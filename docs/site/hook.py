"""What the site of the docs has beyond its Markdown files: README and CHANGELOG, a list of decisions, names of code."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Pages that lie at the top of the project, where people look for them first.
AT_THE_TOP = {"index.md": "README.md", "CHANGELOG.md": "CHANGELOG.md"}
DECISIONS = "decisions/index.md"
# A link of Markdown to a file of ours: its text, the path, the place in it.
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#:\s]+)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every decision below its heading."""
    config.nav = [*(config.nav or []), {"Decisions": [DECISIONS, *(f"decisions/{path.name}" for path in decisions())]}]
    return config


def on_files(files: Files, /, *, config: MkDocsConfig) -> Files:
    """Add the pages that are no files of this folder."""
    for page, source in AT_THE_TOP.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        text = text.replace("](docs/decisions/)", f"]({DECISIONS})").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    listed = "\n".join(f"- [{title_of(path)}]({path.name})" for path in decisions())
    files.append(File.generated(config, DECISIONS, content=f"# Decisions\n\nWhy it is built so.\n\n{listed}\n"))
    return files


def on_page_markdown(markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Show links to code as names of files: the site holds the docs alone.

    Raises:
        PluginError: There is no such file.
    """
    source = page.file.src_uri

    def shown(link: re.Match[str]) -> str:
        if source in AT_THE_TOP:
            inside, target = (DOCS / link[2]).exists() or link[2] == DECISIONS, ROOT / link[2]
        else:
            target = (DOCS / source).parent / link[2]
            inside = target.resolve().is_relative_to(DOCS)
        if inside:
            return link[0]
        if not target.exists():
            raise PluginError(f"{source}: nothing is at {link[2]}")
        name = str(target.resolve().relative_to(ROOT))
        return f"`{name}`" if link[1] == name else f"{link[1]} (`{name}`)"

    return _LINK.sub(shown, markdown)


def decisions() -> list[Path]:
    """Return the records of decisions, in order of number."""
    return sorted((DOCS / "decisions").glob("[0-9]*.md"))


def title_of(path: Path) -> str:
    """Return the first heading of a file."""
    return path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ")
