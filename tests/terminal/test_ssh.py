"""The dashboard over a real SSH connection, also one that drops."""

import os
from collections.abc import Callable, Iterator

import pytest

from profiles.sessions import load_session
from tests.terminal.processes import MARK, engine_processes, tool_processes, wait_for
from tests.terminal.ssh_server import SshServer, missing_program
from tests.terminal.steps import start_measuring
from tests.terminal.tmux import Tmux


@pytest.fixture
def ssh_server(mark: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """A server that runs while the test does."""
    if name := missing_program():
        pytest.skip(f"{name} is not installed: scripts/test.sh installs it")
    server = SshServer(tmp_path_factory.mktemp("ssh"))
    yield server
    server.stop()


@pytest.fixture
def over_there(ssh_server: SshServer, mark: str) -> Callable[[str], str]:
    """What a person types who sits somewhere else, to run a command line here."""
    # A server takes no variables over: the folders of this test are named in the command.
    names = [name for name in os.environ if name.startswith("XDG_") and name.endswith("_HOME")]
    variables = {name: os.environ[name] for name in (*names, MARK)}
    return lambda command: ssh_server.command_line(command, variables)


def test_from_the_first_key_to_a_saved_session(terminal, mark, over_there, command_line, saved_sessions):
    options = ("--backend", "egl", "--resolution", "32x24", "--effects", "bare", "--duration", "0.5")
    terminal.start(over_there(command_line(*options)))
    terminal.wait_for("F5 measures")
    terminal.press("F5")
    terminal.wait_for("Session complete")
    terminal.press("Enter")
    terminal.wait_for("Table", "32x24")
    terminal.press("q")
    assert terminal.exit_code() == 0
    assert terminal.is_normal_screen()
    (folder,) = saved_sessions()
    terminal.wait_for_output(f"session: {folder}")
    session = load_session(folder)
    assert session.session.status == "complete"
    assert session.cases[0].trials[0].metrics is not None
    wait_for(lambda: not tool_processes(mark), "no process is left")


@pytest.fixture(params=["client", "server"])
def drop(request: pytest.FixtureRequest, terminal: Tmux, ssh_server: SshServer) -> Callable[[], None]:
    """Cuts the connection at one of its ends, without a word to the other."""

    def kill() -> None:
        client = [terminal.process()]
        for process in client if request.param == "client" else ssh_server.connections():
            process.kill()

    return kill


@pytest.fixture
def measuring(terminal: Tmux, over_there: Callable[[str], str], command_line: Callable[..., str]) -> None:
    """A trial without end that is measured by a dashboard which was started from a shell."""
    # A shell that loses its terminal passes that on to the dashboard and to its engine process alike.
    terminal.start(over_there("bash --norc --noprofile"))
    terminal.wait_for("bash")
    terminal.write(command_line("--backend", "null", "--resolution", "32x32", "--duration", "600"))
    terminal.press("Enter")
    start_measuring(terminal)


@pytest.mark.usefixtures("measuring")
def test_a_connection_that_drops_leaves_a_session_and_no_process(mark, drop, saved_sessions):
    assert engine_processes(mark)
    drop()
    wait_for(lambda: not tool_processes(mark), "no process is left")
    (folder,) = saved_sessions()
    session = load_session(folder)
    assert session.session.status == "interrupted"
    trial = session.cases[0].trials[0]
    assert trial.metrics is not None
    assert trial.metrics.frames > 0
