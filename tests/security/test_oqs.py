"""The probe is tried on shared libraries compiled here; the backend only where a real liboqs is installed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qfl.errors import MissingExtra, Rejection
from qfl.security import oqs
from qfl.security.profiles import FALCON_512, FALCON_1024, ML_DSA_44, ML_DSA_65, ML_DSA_87
from qfl.security.signing import PublicKey, Signer, generate, verify

FOUND = oqs.probe()
needs_liboqs = pytest.mark.skipif(not FOUND.usable, reason=f"liboqs: {FOUND.reason}")
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler to make a shared library with")
ML_DSA = (ML_DSA_44, ML_DSA_65, ML_DSA_87)
FALCON = (FALCON_512, FALCON_1024)
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "kat"

LIBRARY = """
const char *OQS_version(void) {{ return "{version}"; }}
int OQS_SIG_alg_is_enabled(const char *name) {{ return {enabled}; }}
"""
# What the real wrapper does without a library is worse: it clones, compiles and ends in SystemExit.
WRAPPER = """
import os, pathlib
pathlib.Path({marker!r}).write_text(os.environ.get("PYOQS_VERSION", "unset"))
raise SystemExit("no liboqs")
"""


@pytest.fixture
def wrapper(tmp_path, monkeypatch) -> Path:
    """A package that calls itself liboqs-python 0.16.0.1; returns the file that appears when it is imported."""
    marker, site = tmp_path / "imported", tmp_path / "site"
    (site / "oqs").mkdir(parents=True)
    (site / "oqs" / "__init__.py").write_text(WRAPPER.format(marker=str(marker)))
    (site / "liboqs_python-0.16.0.1.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: liboqs-python\nVersion: 0.16.0.1\n"
    (site / "liboqs_python-0.16.0.1.dist-info" / "METADATA").write_text(metadata)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "oqs", raising=False)
    monkeypatch.setattr(oqs, "find_library", lambda name: None)  # whatever this machine has
    monkeypatch.setenv("OQS_INSTALL_PATH", str(tmp_path / "install"))
    monkeypatch.setenv("PYOQS_VERSION", "0.16.0")
    oqs._wrapper.cache_clear()
    yield marker
    oqs._wrapper.cache_clear()


def install(root: Path, version: str = "0.16.0", enabled: int = 1, source: str = LIBRARY, folder: str = "lib") -> Path:
    """Compile a shared library with the two functions that the probe asks."""
    (root / "install" / folder).mkdir(parents=True, exist_ok=True)
    path = root / "install" / folder / "liboqs.so"
    (root / "liboqs.c").write_text(source.format(version=version, enabled=enabled))
    subprocess.run(["cc", "-shared", "-fPIC", "-o", path, root / "liboqs.c"], check=True)
    return path


def test_the_probe_and_everything_that_uses_it_never_import_the_wrapper():
    """In a fresh interpreter, with or without liboqs."""
    program = """
import sys, json
import qfl.security.keystore, qfl.security.updates, qfl.security.oqs as oqs
found = oqs.probe()
print(json.dumps(["oqs" in sys.modules, found.usable, found.reason]))
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    imported, usable, reason = json.loads(done.stdout)
    assert not imported and usable == (reason == "")


def test_without_the_wrapper_the_probe_says_what_is_not_installed(monkeypatch):
    monkeypatch.setattr(oqs, "find_spec", lambda name: None)
    assert oqs.probe() == oqs.Probe(False, "the Python package liboqs-python is not installed")


def test_without_a_library_the_probe_says_so_and_does_not_import(wrapper):
    found = oqs.probe()
    assert not found.usable and "no shared library" in found.reason and not wrapper.exists()


@needs_compiler
@pytest.mark.parametrize("folder", ["lib", "lib64"])
def test_a_library_of_the_wrappers_minor_version_is_usable(wrapper, tmp_path, folder):
    path = install(tmp_path, "0.16.3", folder=folder)
    assert oqs.probe() == oqs.Probe(True, "", str(path), "0.16.3") and not wrapper.exists()


@needs_compiler
@pytest.mark.parametrize("version", ["0.12.0", "0.15.0", "0.17.0", "1.16.0"])
def test_a_library_of_another_minor_version_is_not_usable(wrapper, tmp_path, version):
    install(tmp_path, version)
    found = oqs.probe()
    assert not found.usable and "differ in minor version" in found.reason
    assert found.version == version and not wrapper.exists()


@needs_compiler
def test_the_first_library_decides_because_the_wrapper_would_not_look_further(wrapper, tmp_path):
    install(tmp_path, "0.16.0", folder="lib64")
    install(tmp_path, "0.12.0", folder="lib")
    assert not oqs.probe().usable


@needs_compiler
def test_a_library_without_ml_dsa_is_not_usable(wrapper, tmp_path):
    install(tmp_path, enabled=0)
    assert "without ML-DSA" in oqs.probe().reason


@needs_compiler
def test_a_library_that_only_has_the_name_is_not_usable(wrapper, tmp_path):
    install(tmp_path, source="int other(void) {{ return 0; }}")
    assert "is not liboqs" in oqs.probe().reason


def test_a_file_that_is_no_library_is_passed_over_as_the_wrapper_does(wrapper, tmp_path):
    (tmp_path / "install" / "lib").mkdir(parents=True)
    (tmp_path / "install" / "lib" / "liboqs.so").write_bytes(b"no library")
    assert "no shared library" in oqs.probe().reason


def test_without_liboqs_there_is_no_signature_but_the_reason_and_the_remedy(wrapper):
    for profile in FALCON:
        with pytest.raises(MissingExtra, match=r"no shared library liboqs was found; install liboqs"):
            generate(profile, "liboqs")
        with pytest.raises(MissingExtra):
            Signer(PublicKey(profile, bytes(profile.public_bytes)), bytes(profile.secret_bytes)).sign(b"message")
        with pytest.raises(MissingExtra):
            verify(PublicKey(profile, bytes(profile.public_bytes)), bytes(600), b"message")
    with pytest.raises(MissingExtra):
        verify(PublicKey(ML_DSA_44, bytes(1312), library="liboqs"), bytes(2420), b"message")
    assert not wrapper.exists()


@needs_compiler
def test_a_wrapper_that_ends_the_interpreter_is_a_missing_extra_and_cannot_install_anything(wrapper, tmp_path):
    install(tmp_path)
    with pytest.raises(MissingExtra, match="importing its wrapper failed"):
        generate(FALCON_512, "liboqs")
    assert wrapper.read_text() == "never-install"


def test_a_secret_key_of_another_length_is_not_handed_to_liboqs():
    """The wrapper would pad it with zeros and sign."""
    with pytest.raises(ValueError, match="Falcon-512 in liboqs has 1281 bytes, not 3"):
        oqs.sign(FALCON_512, b"abc", b"message")


# With the real library


@needs_liboqs
@pytest.mark.parametrize("profile", (*ML_DSA, *FALCON), ids=lambda p: p.name)
def test_a_signature_of_liboqs_has_the_sizes_of_its_profile_and_holds_for_its_message_only(profile):
    signer = generate(profile, "liboqs")
    signature = signer.sign(b"angles")
    assert (len(signer.key.raw), len(signer.secret)) == (profile.public_bytes, profile.secret_bytes)
    assert len(signature) <= profile.signature_bytes
    verify(signer.key, signature, b"angles")
    with pytest.raises(Rejection, match="bad-signature"):
        verify(signer.key, signature, b"angels")


@needs_liboqs
@pytest.mark.parametrize("profile", ML_DSA, ids=lambda p: p.name)
def test_the_two_libraries_accept_each_others_signatures(profile):
    theirs, ours = generate(profile, "liboqs"), generate(profile)
    verify(PublicKey(profile, theirs.key.raw), theirs.sign(b"angles"), b"angles")
    verify(PublicKey(profile, ours.key.raw, "liboqs"), ours.sign(b"angles"), b"angles")


@needs_liboqs
@pytest.mark.parametrize("name", ["44", "65", "87"])
def test_liboqs_agrees_with_wycheproof(name):
    path = SHARED / f"wycheproof_mldsa_{name}_verify.json"
    if not path.is_file():
        pytest.skip(f"no known-answer vectors at {path}")
    profile = {"44": ML_DSA_44, "65": ML_DSA_65, "87": ML_DSA_87}[name]
    for group in json.loads(path.read_bytes())["testGroups"]:
        for test in group["tests"]:
            parts = (bytes.fromhex(text) for text in (test["sig"], test["msg"], test.get("ctx", "")))
            try:
                verify(PublicKey(profile, bytes.fromhex(group["publicKey"]), "liboqs"), *parts)
                found = "valid"
            except Rejection:
                found = "invalid"
            assert found == test["result"], (test["tcId"], test["comment"])


class Lenient:
    """A mechanism that verifies what liboqs would: the signature, also filled up with zero bytes."""

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        return None

    def verify(self, message, signature, public):
        return signature.rstrip(b"\0") == b"\x39" + b"n" * 40 + b"code\x80"


@pytest.mark.parametrize("profile", FALCON, ids=lambda p: p.name)
def test_a_falcon_signature_has_one_encoding(profile, monkeypatch):
    monkeypatch.setattr(oqs, "_mechanism", lambda profile, secret=None: Lenient())
    key, signature = PublicKey(profile, bytes(profile.public_bytes)), b"\x39" + b"n" * 40 + b"code\x80"
    verify(key, signature, b"message")
    longest = signature.ljust(profile.signature_bytes, b"\0")
    for other in (longest, signature + b"\0", longest + b"\0", b""):
        with pytest.raises(Rejection, match="signature-length"):
            verify(key, other, b"message")
