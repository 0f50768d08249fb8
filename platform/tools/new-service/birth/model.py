"""What a service is called, and how the texts that are copied for it are named after it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

BIRTH = Path(__file__).resolve().parent
TEMPLATE = BIRTH.parent
ROOT = TEMPLATE.parents[2]
# The service, and the event, that the template is written for.
OLD, OLD_EVENT = "newcomer", "OrderNoted"


class Refused(Exception):
    """Why nothing was made or removed; nothing was written."""


@dataclass(frozen=True)
class Service:
    """A service by its name, and the event that it publishes, if any."""

    name: str
    event: str | None = None

    @property
    def publishes(self) -> bool:
        return self.event is not None

    @property
    def title(self) -> str:
        return self.name.capitalize()

    def named(self, text: str) -> str:
        """The template's text for this service."""
        return text.replace(OLD_EVENT, self.event or OLD_EVENT).replace(OLD, self.name).replace(OLD.capitalize(), self.title)


def rendered(piece: str, service: Service) -> str:
    return service.named((BIRTH / piece).read_text(encoding="utf-8"))


def formatted(text: str, root: Path) -> str:
    """Under another name, imports sort differently and lines break elsewhere."""
    return rustfmt(root, input=text)


def format_files(files: list[Path], root: Path) -> None:
    rustfmt(root, *files)


def rustfmt(root: Path, *files: Path, **options) -> str:
    command = ["rustfmt", "--edition", "2024", "--config-path", str(root / "rustfmt.toml"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise Refused(f"rustfmt fails: {done.stderr.strip()}")
    return done.stdout


def write(files: dict[Path, str]) -> None:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
