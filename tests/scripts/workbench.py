"""A repository and a machine for the set-up scripts: real bash, and stand-ins for Python, pip and apt."""

import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = """
bash cat chmod cp cut dirname env find flock grep mkdir mv readlink rm sha256sum sleep sort tail touch tr wc
"""

PYTHON = """#!{bash}
version={version}
echo "python $*" >>"{state}/calls"
case "$*" in
    *"-m venv "*) mkdir -p "${{!#}}/bin" && cp "$0" "${{!#}}/bin/python" ;;
    *"-m pip install"*)
        while [[ -e "{state}/pip-waits" ]]; do sleep 0.02; done
        if [[ -e "{state}/pip-is-killed" ]]; then kill -KILL $$; fi
        if [[ -e "{state}/no-index" ]]; then echo "WARNING: Retrying after connection broken by 'X'"; fi
        if [[ -e "{state}/pip-fails" ]]; then echo "ERROR: No matching distribution found for x."; exit 1; fi
        cp "{state}/program" "${{0%/*}}/mjbench-tui" ;;
    -V) echo "Python $version.1" ;;
    *"import ensurepip"*) [[ ! -e "{state}/no-ensurepip" ]] ;;
    *"version_info"*) echo "$version" ;;
    *"-m mypy"*) [[ ! -e "{state}/mypy-fails" ]] ;;
    *"-m pytest"*) echo "menagerie: ${{MENAGERIE_ROOT-none}}" ;;
esac
"""
APT_GET = """#!{bash}
echo "apt-get $*" >>"{state}/calls"
[[ -e "{state}/apt-fails" ]] && {{ echo "E: Unable to fetch some archives"; exit 100; }}
for word in "$@"; do
    [[ "$*" == *install* ]] && touch "{state}/installed-$word"
    case $word in
        python3.??) cp "{state}/newer-python" "{bin}/$word" ;;
        python3*-venv) rm -f "{state}/no-ensurepip" ;;
    esac
done
exit 0
"""
APT_CACHE = """#!{bash}
[[ -e "{state}/unavailable-${{!#}}" ]] || echo "Package: ${{!#}}"
"""
DPKG_QUERY = """#!{bash}
[[ -e "{state}/installed-${{!#}}" ]] && echo "ii "
"""
ID = """#!{bash}
if [[ -e "{state}/no-root" ]]; then echo 1000; else echo 0; fi
"""
PROGRAM = """#!{bash}
printf 'argument: %s\\n' "$@"
"""


class Workbench:
    """A copy of the scripts, and all that they find on PATH."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "a repository"
        self.state = folder / "state"
        self.bin = folder / "bin"
        for made in (self.state, self.bin):
            made.mkdir()
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / "scripts", self.repository / "scripts", ignore=ignored)
        shutil.copytree(REPOSITORY / ".ci", self.repository / ".ci")
        for name in ("pyproject.toml", "constraints.txt"):
            shutil.copy(REPOSITORY / name, self.repository / name)
        for tool in TOOLS.split():
            found = shutil.which(tool)
            if found:
                (self.bin / tool).symlink_to(Path(found).resolve())
        self.add_python("python3", "3.12")
        self.write(self.state / "newer-python", PYTHON, version="3.13")
        self.write(self.state / "program", PROGRAM)
        for name, text in (
            ("apt-get", APT_GET),
            ("apt-cache", APT_CACHE),
            ("dpkg-query", DPKG_QUERY),
            ("id", ID),
        ):
            self.write(self.bin / name, text)

    def write(self, path: Path, text: str, version: str = "") -> None:
        bash = self.bin / "bash"
        path.write_text(text.format(bash=bash, state=self.state, bin=self.bin, version=version))
        path.chmod(0o755)

    def add_python(self, name: str, version: str) -> None:
        self.write(self.bin / name, PYTHON, version=version)

    def let(self, *facts: str) -> None:
        for fact in facts:
            (self.state / fact).touch()

    def let_no_longer(self, fact: str) -> None:
        (self.state / fact).unlink()

    def start(self, script: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a script with nothing but PATH, far from the repository."""
        variables = {"PATH": str(self.bin), "HOME": "/nonexistent", **environment}
        command = [str(self.bin / "bash"), str(self.repository / script), *arguments]
        return subprocess.Popen(
            command, env=variables, cwd="/", text=True, stdin=subprocess.DEVNULL, stdout=-1, stderr=-1
        )

    def run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(script, *arguments, **environment)
        output, narration = process.communicate(timeout=30)
        return subprocess.CompletedProcess(process.args, process.returncode, output, narration)

    def bootstrap(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("scripts/do/bootstrap.sh", *arguments)

    def calls(self) -> list[str]:
        """What was asked of Python and apt since the last time this was read."""
        file = self.state / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def count(self, part: str) -> int:
        return sum(part in line for line in self.calls())
