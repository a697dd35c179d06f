"""The forward pass against Keras, which no one here wrote."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnn import Model
from tests.cnn.keras_probabilities import UNSUPPORTED


@pytest.mark.parametrize(
    "model",
    [
        "C(8,5)-P2-C(16,3)-P2-FC128-FC10",
        "C(8,5)-P2-C(16,3)-P2-C(32,3)-P2-FC256-FC10",
        "C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10",
        "C(4,4)-P3-C(5,2)-P3-FC10",
        "C(8,3,p1)-BN-P2-D(0.2)-C(6,5)-BN-A3-FC20-BN-D(0.5)-FC10",
        "A3-C(4,3)-A2-P3-FC10",
        "C(8,3,p1)-P2-C(5,5,p2,s2)-C(4,2,s3)-FC10",
    ],
)
def test_probabilities_agree_on_the_same_weights(model: str, tmp_path: Path) -> None:
    generator = np.random.default_rng(11)
    made = Model.create(model, generator)
    for arrays in made.arrays().values():
        for name, array in arrays.items():
            if name != "weight":
                array[...] = generator.uniform(0.1, 0.4, array.shape)
    images = generator.integers(0, 256, (40, 28, 28), np.uint8)
    made.save(tmp_path / "weights.npz")
    np.save(tmp_path / "images.npy", images)

    files = [str(tmp_path / name) for name in ("weights.npz", "images.npy", "probabilities.npy")]
    command = [sys.executable, "-m", "tests.cnn.keras_probabilities", *files]
    environment = {**os.environ, "KERAS_BACKEND": "openvino"}
    done = subprocess.run(command, env=environment, cwd=Path(__file__).parents[2], capture_output=True, check=False)
    if done.returncode == UNSUPPORTED:  # the last Keras for Python 3.10
        pytest.skip("this Keras cannot pool with OpenVINO")
    assert done.returncode == 0, done.stderr.decode()
    np.testing.assert_allclose(made.probabilities(images), np.load(files[2]), rtol=2e-3, atol=2e-6)
