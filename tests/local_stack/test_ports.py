"""Ports of stacks that start at the same moment differ, and their services can listen on them."""

import socket

import pytest

from local_stack.faults import PortTaken
from local_stack.ports import ANY, HeldPorts

HOST = "127.0.0.1"


def _choose(held: HeldPorts, **defaults: int) -> dict[str, int]:
    return held.choose(dict.fromkeys(defaults, HOST), defaults, {})


def test_a_free_port_is_nobody_elses_until_it_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both stacks would try the same ports first."""
    monkeypatch.setattr("local_stack.ports.random.sample", lambda ports, count: list(ports[5:][:count]))
    first, second = HeldPorts(), HeldPorts()
    mine, theirs = _choose(first, schema=ANY, loader=ANY), _choose(second, schema=ANY, loader=ANY)
    first.release()
    again = _choose(first, schema=ANY)
    first.release()
    second.release()
    assert len({*mine.values(), *theirs.values()}) == 4
    assert again["schema"] == mine["schema"]


def test_a_service_listens_on_a_held_port() -> None:
    """The holder is in its way neither when it binds nor when it listens."""
    held = HeldPorts()
    port = _choose(held, schema=ANY)["schema"]
    with socket.create_server((HOST, port)), socket.create_connection((HOST, port)):
        held.release()


def test_a_port_that_was_asked_for_is_had_while_it_is_held() -> None:
    """A test hands a stack the ports that it holds."""
    held, stack = HeldPorts(), HeldPorts()
    port = _choose(held, schema=ANY)["schema"]
    assert stack.choose({"schema": HOST}, {"schema": ANY}, {"schema": port}) == {"schema": port}
    held.release()
    stack.release()


def test_a_refusal_holds_nothing() -> None:
    """The ports chosen before the one that is taken are free again."""
    held, other = HeldPorts(), HeldPorts()
    with socket.create_server((HOST, 0)) as taken:
        number = taken.getsockname()[1]
        hosts = dict.fromkeys(("schema", "loader"), HOST)
        free = _choose(other, schema=ANY)["schema"]
        other.release()
        with pytest.raises(PortTaken, match=f"port {number} of {HOST} for loader"):
            held.choose(hosts, {"schema": ANY, "loader": ANY}, {"schema": free, "loader": number})
    with socket.socket() as alone:
        alone.bind((HOST, free))
