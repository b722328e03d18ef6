import hashlib
import json
import struct

import numpy as np

from qfl.config import DataSettings
from qfl.data.dataset import Dataset
from qfl.data.manifest import describe, indices_digest


def test_the_digest_is_sha256_over_counts_and_little_endian_indices():
    expected = hashlib.sha256(struct.pack("<QqqQq", 2, 0, 5, 1, 258)).hexdigest()
    assert indices_digest((np.array([0, 5]), np.array([258]))) == expected


def test_the_manifest_counts_what_clients_hold_and_names_the_labels_left_out():
    train = Dataset(np.zeros((6, 4)), np.array([0, 0, 0, 1, 1, 2]))
    test = Dataset(np.zeros((2, 4)), np.array([0, 1]))
    manifest = describe(DataSettings(), 7, train, test, (np.array([0, 1, 3]), np.array([4])))
    digest = manifest.pop("indices_sha256")
    assert digest == indices_digest((np.array([0, 1, 3]), np.array([4])))
    assert manifest == {
        "name": "digits",
        "seed": 7,
        "partition": "labels",
        "clients": 2,
        "features": 4,
        "train": 6,
        "test": 2,
        "sizes": {"min": 1, "mean": 2.0, "max": 3},
        "labels_per_client": {"min": 1, "mean": 1.5, "max": 2},
        "unused": 2,
        "labels_left_out": [2],
    }
    assert json.loads(json.dumps(manifest)) == manifest
