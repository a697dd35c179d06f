"""Makes input.jpg of a test digit, as if written on paper: python -m feature_visualize.make_input."""

from pathlib import Path

INDEX = 4
PATH = Path(__file__).with_name("input.jpg")


def main() -> None:
    """Write input.jpg."""
    from preprocessing.make_samples import BLUE_INK, light, paper, save, stroke, write

    sheet = write(paper(480, 400, (226, 240, 246)), stroke(INDEX, 230), BLUE_INK, 110, 125)
    save(PATH, light(sheet, 0.75, 0.9))


if __name__ == "__main__":
    main()
