"""Flower's commands with their doors closed: what the launchers put in Flower's place, and that it is still there."""

import importlib
import inspect
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import httpx
import pytest
from flwr.common.constant import ACCESS_TOKEN_KEY

from qfl.federation.runtime import guarded
from qfl.federation.runtime.superlink import local_superlink

SHOW = "import sys; print(sys.argv[1:-2], sys.argv[-2]); print(open(sys.argv[-1]).read())"


def test_flower_still_has_the_names_that_the_launchers_replace():
    superlink = importlib.import_module("flwr.superlink.cli.flower_superlink")
    assert "load_control_authn_plugin()" in inspect.getsource(superlink._parse_superlink_lifespan_config)
    assert "self.superexec_process" in inspect.getsource(superlink.SuperLinkLifespan._start_superexec_if_needed)
    supernode = importlib.import_module("flwr.supernode.cli.flower_supernode")
    assert "start_client_internal(" in inspect.getsource(supernode.flower_supernode)
    wanted = {"runtime_api_address", "runtime_root_certificates_path"}
    assert wanted <= set(inspect.signature(supernode.start_client_internal).parameters)
    executor = importlib.import_module("flwr.supercore.superexec.executor.subprocess_executor")
    source = inspect.getsource(executor.SubprocessExecutor.launch)
    assert source.count("subprocess.") == source.count("subprocess.Popen(") + source.count("subprocess.DEVNULL")
    assert '"--token"' in source


@pytest.mark.parametrize("shown", ["", "secret ", "SECRET", "secre", "é", b"secre"])
def test_an_operator_without_the_token_is_refused(shown):
    plugin = guarded.TokenPlugin("secret")
    assert plugin.validate_tokens_in_metadata([(ACCESS_TOKEN_KEY, shown)]) == (False, None)
    assert plugin.validate_tokens_in_metadata([]) == (False, None)


@pytest.mark.parametrize("shown", ["secret", b"secret"])
def test_an_operator_with_the_token_is_let_in(shown):
    allowed, account = guarded.TokenPlugin("secret").validate_tokens_in_metadata([(ACCESS_TOKEN_KEY, shown)])
    assert allowed and account is not None


def test_the_superlink_takes_its_token_from_the_file_and_refuses_an_empty_one(tmp_path, monkeypatch):
    seen = []
    stand_in = SimpleNamespace()
    stand_in.flower_superlink = lambda: seen.append((stand_in.load_control_authn_plugin(), list(sys.argv)))
    monkeypatch.setattr(guarded.importlib, "import_module", lambda name: stand_in)
    monkeypatch.setattr(sys, "argv", [])
    (tmp_path / "token").write_text("secret\n")
    before = os.umask(0o022)
    try:
        guarded.superlink(str(tmp_path / "token"), "--port", "1")
        assert os.umask(before) == 0o077
    finally:
        os.umask(before)
    ((plugin, words),) = seen
    assert words == ["flower-superlink", "--port", "1"]
    assert plugin.validate_tokens_in_metadata([(ACCESS_TOKEN_KEY, "secret")])[0]
    (tmp_path / "token").write_text("\n")
    with pytest.raises(SystemExit, match="holds no token"):
        guarded.superlink(str(tmp_path / "token"))


def test_a_task_reads_its_token_from_a_file_that_nobody_else_can_name():
    words = [sys.executable, "-c", SHOW, "--token", "0123abcd", "--insecure"]
    words = [*words[:3], "x", *words[3:5]]
    process = guarded.started_with_token_file(words, stdout=subprocess.PIPE, text=True)
    assert process.communicate(timeout=30)[0].splitlines() == ["['x'] --token-file", "0123abcd"]
    assert "0123abcd" not in str(process.args) and "/dev/fd/" in str(process.args)


@pytest.mark.deployment
def test_the_superlink_of_the_ray_backend_answers_nobody_without_the_token():
    headers = {"content-type": "application/protobuf"}
    with local_superlink() as superlink, httpx.Client(trust_env=False, headers=headers) as stranger:
        port = superlink.environment["FLWR_LOCAL_SUPERLINK_HTTP_API_PORT"]
        for path in ("control/list-runs", "control/start-run", "runtime/acquire-task"):
            assert stranger.post(f"http://127.0.0.1:{port}/v1/{path}").status_code == 401
        assert json.loads(superlink.command("ls", "--format", "json"))["success"]
