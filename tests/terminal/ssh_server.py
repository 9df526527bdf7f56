"""A real SSH server on the loopback that only this person gets into."""

import os
import pwd
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

LIMIT_S = 60
_CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
PrintLastLog no
"""


def missing_program() -> str:
    """What of an SSH server and its client is not installed, or ""."""
    programs = ("sshd", "ssh", "ssh-keygen")
    return next((name for name in programs if not _program(name)), "")


def _program(name: str) -> str | None:
    # Servers stand in a folder that the path of an ordinary user lacks.
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


class SshServer:
    """Runs until it is stopped.

    Args:
        folder: an empty one, for its keys and its log.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for key in ("host_key", "user_key"):
            _answer("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
        shutil.copyfile(folder / "user_key.pub", folder / "authorized_keys")
        if os.geteuid() == 0:
            # Debian's server wants it, and its start script, which does not run here, makes it.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._start()

    def _start(self) -> None:
        # A free port may be taken by another a moment later.
        for _ in range(5):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self._port = probe.getsockname()[1]
            config = self._folder / "config"
            config.write_text(_CONFIG.format(port=self._port, folder=self._folder))
            with (self._folder / "log").open("w") as log:
                command = [_program("sshd") or "sshd", "-D", "-e", "-f", str(config)]
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            if self._listens():
                break
        else:
            raise AssertionError(f"no SSH server: {self.log()}")
        host_key = (self._folder / "host_key.pub").read_text()
        (self._folder / "known_hosts").write_text(f"[127.0.0.1]:{self._port} {host_key}")

    def _listens(self) -> bool:
        deadline = time.monotonic() + LIMIT_S
        while "Server listening" not in self.log():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                return False
            time.sleep(0.02)
        return True

    def log(self) -> str:
        """What it has said."""
        return (self._folder / "log").read_text(errors="replace")

    def command_line(self, command: str, variables: Mapping[str, str]) -> str:
        """What a person types to run a command in a terminal over there, with some variables."""
        settings = (f"{name}={value}" for name, value in variables.items())
        options = {
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
            "UserKnownHostsFile": str(self._folder / "known_hosts"),
        }
        return shlex.join([
            "ssh", "-tt", "-F", "none", "-p", str(self._port), "-i", str(self._folder / "user_key"),
            *(f"-o{name}={value}" for name, value in options.items()),
            f"{pwd.getpwuid(os.getuid()).pw_name}@127.0.0.1", f"{shlex.join(['env', *settings])} {command}",
        ])  # fmt: skip

    def connections(self) -> Sequence[psutil.Process]:
        """The processes of the server that serve a connection."""
        children = psutil.Process(self._process.pid).children(recursive=True)
        return [child for child in children if child.name().startswith("sshd")]

    def stop(self) -> None:
        """End it, and the connections that are left."""
        connections = self.connections() if self._process.poll() is None else []
        for process in (self._process, *connections):
            process.kill()
        self._process.wait()


def _answer(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
