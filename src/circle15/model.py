"""Where a result came from: value objects that every room may pass on."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OSM_OWNER = "© OpenStreetMap contributors"
OSM_LICENCE = "ODbL 1.0"


@dataclass(frozen=True, slots=True)
class Source:
    """One input of a result: its name, the digest of its bytes, its owner and licence.

    Examples
    --------
    >>> Source("roads.gpkg", owner="Road bureau").attribution
    'Road bureau'
    """

    name: str
    sha256: str | None = None
    owner: str | None = None
    licence: str | None = None

    @classmethod
    def of_file(cls, path: Path, owner: str | None = None, licence: str | None = None) -> Source:
        """Describe a file; it is read once for its digest."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(path.name, digest, owner, licence)

    @property
    def attribution(self) -> str | None:
        """Owner and licence in one line, as it must stand on every map; None where not known."""
        if self.owner is None:
            return None
        return f"{self.owner}, {self.licence}" if self.licence else self.owner


@dataclass(frozen=True, slots=True)
class Manifest:
    """How a result was made: enough to make it again, and to credit the data's owners.

    Attributes
    ----------
    inputs
        What was read.
    parameters
        Every number that the result depends on.
    versions
        Version of each package that computed.
    assumptions, assumptions_zh
        What was taken for granted, in sentences that stand in every report, in both languages.
    warnings
        What was wrong with the inputs.
    counts
        Rows of each table.
    """

    title: str
    inputs: tuple[Source, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    assumptions_zh: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def attribution(self) -> tuple[str, ...]:
        """The owners of the data, each once, in the order of the inputs."""
        lines = (source.attribution for source in self.inputs)
        return tuple(dict.fromkeys(line for line in lines if line))

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as plain values that JSON can hold."""
        return {**asdict(self), "attribution": self.attribution}
