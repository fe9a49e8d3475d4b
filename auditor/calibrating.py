"""Reading from the proof of a rehearsal how fast an engine was found to work."""

from __future__ import annotations

from pathlib import Path

import msgspec

from auditor.errors import UsageError
from auditor.model.calibration import Calibration
from auditor.model.proof import Proof
from auditor.storage import read_file


def read_calibration(path: Path) -> Calibration:
    """Read the calibration in a proof.

    Raises:
        UsageError: the file cannot be read, is no proof, or its rehearsal measured none.

    """
    hint = "auditor rehearse writes one: proof.json"
    try:
        proof = msgspec.json.decode(read_file(path), type=Proof)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path} is not the proof of a rehearsal: {error}", hint) from error
    if proof.calibration is None:
        raise UsageError(f"the rehearsal of {path} did not measure how fast its server works", hint)
    return proof.calibration
