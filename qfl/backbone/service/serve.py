"""Serve the orchestrator of a folder over HTTP, on loopback unless there are certificates."""

import ipaddress
import secrets
import ssl
from pathlib import Path

import uvicorn

from qfl.backbone.infrastructure.pool import Pool
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.telemetry import telemetry_in
from qfl.backbone.runtime.templates.folder import Templates
from qfl.backbone.service.app import make_app
from qfl.backbone.service.worker import Worker
from qfl.errors import ConfigError
from qfl.reading import read_text
from qfl.writing import write_atomically

TOKEN = "token"


def serve(
    folder: Path,
    pool: Pool,
    *,
    host: str = "127.0.0.1",
    port: int = 8750,
    certificate: Path | None = None,
    key: Path | None = None,
    suite: int = 20,
    seed: int = 1,
    templates: Templates | None = None,
) -> None:
    """Serve until the process is told to stop; jobs that wait in the folder are gone on with.

    Args:
        folder: Of the log and of the token, which is made if there is none.
        pool: Who can be asked.
        host: Address to listen at; one that others can reach needs a certificate.
        port: 1 to 65535.
        certificate: PEM file of the certificate's chain.
        key: PEM file of its private key.
        suite: Jobs of the calibration suite.
        seed: Of everything that is drawn.
        templates: Of the registry.

    Raises:
        UserError: If the host needs a certificate, the certificate cannot be used, or another process has the folder.
    """
    require_private(host, certificate, key)
    with telemetry_in(folder) as log:
        worker = Worker(Orchestrator(pool, log, seed=seed, suite=suite, templates=templates))
        config = uvicorn.Config(
            make_app(worker, token_of(folder)),
            host=host,
            port=port,
            log_level="warning",
            limit_concurrency=200,
            timeout_keep_alive=5,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        with worker.running():
            uvicorn.Server(config).run()


def token_of(folder: Path) -> str:
    """Return the token of a folder; it is made if there is none, for its owner's eyes alone."""
    path = folder / TOKEN
    if not path.exists():
        write_atomically(path, f"{secrets.token_urlsafe(32)}\n".encode(), 0o600)
    return read_text(path, 4096).strip()


def require_private(host: str, certificate: Path | None, key: Path | None) -> None:
    """Refuse an address that others can reach without a certificate, and a certificate that cannot be used.

    Args:
        host: Address to listen at.
        certificate: PEM file, or None.
        key: PEM file of its private key, or None.

    Raises:
        ConfigError: If it is refused.
    """
    if (certificate is None) != (key is None):
        raise ConfigError("a certificate and its key go together; give both or none")
    if certificate is None or key is None:
        if not _loopback(host):
            raise ConfigError(f"{host} can be reached by others; give --certificate and --key, or listen at 127.0.0.1")
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{certificate} with {key} cannot be used ({error}); give a PEM chain and its key") from None


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
