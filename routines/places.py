"""Places: where things lie. Passed in, so that nothing else knows a path by heart."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Places:
    """Folders of the program.

    weights: weight files. pictures: a user's pictures. visualizations: what is written of feature visualization.
    input: the picture that the menu visualizes. data: a data set in place of MNIST; None for the one that ships.
    """

    weights: Path
    pictures: Path
    visualizations: Path
    input: Path
    data: Path | None = None

    @classmethod
    def of(cls, root: Path, data: Path | None = None) -> "Places":
        """Return the places below a folder, as they are in the project."""
        visualize = root / "feature_visualize"
        return cls(
            root / "weight_output",
            root / "custom_test_images",
            visualize / "output",
            visualize / "input.jpg",
            data,
        )

    @property
    def resized(self) -> Path:
        """Where what the network saw of the user's pictures goes."""
        return self.pictures / "resized"


PLACES = Places.of(ROOT)
