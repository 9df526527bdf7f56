"""What a person has chosen, what is known of it, and what it adds up to: without Textual."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from engine.backends.registry import all_backends, find_backend
from engine.case import Case
from engine.preflight import BackendStatus, real_backends
from profiles.errors import ProfileError
from profiles.profile import AUTO, RELATIVE_ERROR, TRIALS, Profile
from scenes.assets import AssetsError, missing_models
from scenes.registry import SceneInfo, UnknownSceneError, builtin_scenes, find_scene
from tui.dashboard.choose.settings import EITHER, changed_values, setting_errors, setting_texts


@dataclass(frozen=True)
class SceneFacts:
    """What is known of a scene without loading it."""

    name: str
    info: SceneInfo | None
    """None where there is no such scene here."""
    missing: tuple[str, ...] = ()
    """Models that have to be fetched first."""
    problem: str = ""
    """Why it cannot be drawn here, besides missing models."""

    @property
    def works(self) -> bool:
        """Whether it can be drawn here, as far as one knows."""
        return not self.missing and not self.problem


def look_at_scene(name: str) -> SceneFacts:
    """Tell what is known of a scene; never loads it and reads no network."""
    try:
        info = find_scene(name)
    except UnknownSceneError as error:
        return SceneFacts(name, None, problem=str(error))
    try:
        return SceneFacts(name, info, missing_models(info))
    except AssetsError as error:
        return SceneFacts(name, info, problem=str(error))


def add_scene(text: str) -> str:
    """The full name of the scene that a person typed.

    Raises:
        ProfileError: there is no such scene.
    """
    return Profile().override({"scenes": [text]}, {"scenes": ""}).scenes[0]


class ChooseState:
    """Starts from a profile; a profile that nobody touches comes out of it as it went in.

    Args:
        profile: what is chosen at first.
    """

    def __init__(self, profile: Profile) -> None:
        self.statuses: dict[str, BackendStatus] = {}
        """What the backends that have been tried said of themselves."""
        self._added: list[str] = []
        self.load(profile)

    def load(self, profile: Profile) -> None:
        """Put another profile in the place of all that was chosen."""
        self.loaded = profile
        self.texts = setting_texts(profile)
        """By the key of each setting."""
        self._backends: set[str] | None = None
        """Chosen by hand; None while the profile's own stand."""
        self._assumed: set[str] = set()
        """Taken over from `auto` before they were tried: they go again where they do not work."""
        self._scenes = set(profile.scenes)
        self._added += [name for name in profile.scenes if name not in self._added]
        self.look_at_scenes()

    # Scenes

    def look_at_scenes(self) -> None:
        """Look again at what there is: built-in scenes first, then the others in the order of coming."""
        names = [info.name for info in builtin_scenes()]
        names += [name for name in self._added if name not in names]
        self.scenes = {name: look_at_scene(name) for name in names}

    def is_scene_chosen(self, name: str) -> bool:
        """Whether a scene is to be drawn."""
        return name in self._scenes

    def toggle_scene(self, name: str) -> bool:
        """Choose a scene or not; False where it cannot be chosen."""
        if name not in self._scenes and not self.scenes[name].works:
            return False
        self._scenes ^= {name}
        return True

    def add_scene(self, name: str) -> None:
        """Put a scene into the list, chosen where it can be; its full name as `add_scene` gives it."""
        if name not in self.scenes:
            self._added.append(name)
            self.look_at_scenes()
        if self.scenes[name].works:
            self._scenes.add(name)

    # Backends

    @property
    def backends(self) -> list[str]:
        """All that stand in the list: what can be chosen, and what the profile names besides."""
        names = [info.name for info in all_backends()]
        return names + [name for name in self.loaded.backends if name not in (AUTO, *names)]

    @property
    def untried(self) -> list[str]:
        """The backends that nothing is known of yet."""
        return [name for name in self.backends if name not in self.statuses]

    def is_broken(self, name: str) -> bool:
        """Whether a backend was tried and does not work."""
        return name in self.statuses and not self.statuses[name].works

    def chosen_backends(self) -> set[str]:
        """The backends that are to draw; of `auto`, all that work or may work."""
        return self._backends if self._backends is not None else self._loaded_backends()

    def toggle_backend(self, name: str) -> bool:
        """Choose a backend or not; False where it cannot be chosen."""
        chosen = self.chosen_backends()
        if name not in chosen and self.is_broken(name):
            return False
        if self._backends is None:
            self._assumed = {one for one in chosen if one not in (*self.statuses, *self.loaded.backends)}
        self._assumed.discard(name)
        self._backends = chosen ^ {name}
        return True

    def forget_statuses(self) -> None:
        """Know nothing of the backends, because they are tried again."""
        self.statuses.clear()

    def learn(self, status: BackendStatus) -> None:
        """Take in what a backend said of itself."""
        self.statuses[status.backend] = status
        if not status.works and status.backend in self._assumed and self._backends is not None:
            self._backends -= {status.backend}

    def _loaded_backends(self) -> set[str]:
        wanted = set(self.loaded.backends)
        if AUTO in wanted:
            wanted |= {name for name in real_backends() if not self.is_broken(name)}
        return wanted - {AUTO}

    # Settings

    def set_text(self, key: str, text: str) -> dict[str, str]:
        """Take in what was typed; of two that say the same, one empties the other, which is returned by key.

        Where nothing says any more until when rounds are added, there is one.
        """
        self.texts[key] = text
        others: dict[str, str] = {}
        for pair in EITHER:
            if key in pair and text.strip():
                others[pair[0] if key == pair[1] else pair[1]] = ""
        if key == RELATIVE_ERROR and not text.strip() and not self.texts[TRIALS]:
            others[TRIALS] = "1"
        self.texts |= others
        return others

    # What it adds up to

    def setting_errors(self) -> dict[str, str]:
        """What is wrong with each setting that is wrong, one sentence by key."""
        errors = setting_errors(self.loaded, self.texts)
        if "camera" not in errors and (error := self._camera_error()):
            errors["camera"] = error
        return errors

    def profile(self) -> Profile:
        """The profile that is chosen.

        Raises:
            ProfileError: something is missing or not valid; one sentence that names it as the screen does.
        """
        if not self._scenes:
            raise ProfileError("choose at least one scene")
        if not self.chosen_backends() and AUTO not in self._backend_names():
            raise ProfileError("choose at least one backend")
        for sentence in setting_errors(self.loaded, self.texts).values():
            raise ProfileError(sentence)
        values: dict[str, object] = {
            "scenes": list(self._scene_names()),
            "backends": list(self._backend_names()),
        }
        values |= changed_values(self.loaded, self.texts)
        return self.loaded.override(
            values, {"scenes": "one of the scenes", "backends": "one of the backends"}
        )

    def obstacle(self, profile: Profile) -> str:
        """Why a valid profile cannot be measured here, in one sentence, or ""."""
        backends = self.chosen_backends()
        if all(self.is_broken(name) for name in backends):
            tried = sorted(backends) or [name for name in real_backends() if name in self.statuses]
            return f"no chosen backend works here, {self._reason(tried[0])}" if tried else ""
        draws = any(find_backend(name).draws for name in backends)
        scenes = [self.scenes[name] for name in profile.scenes]
        if draws and not any(facts.works for facts in scenes):
            facts = scenes[0]
            missing = f"{facts.name} lacks its models, f in the list of scenes fetches them"
            return missing if facts.missing else facts.problem
        return self._camera_error()

    def cases(self, profile: Profile) -> tuple[list[Case], list[Case]]:
        """The cases of a profile, and those of them that are known to fail here."""
        available = [name for name in real_backends() if not self.is_broken(name)]
        cases = list(profile.cases(available))
        return cases, [case for case in cases if self._fails(case)]

    def failing_names(self, cases: Iterable[Case]) -> list[str]:
        """The backend or scene that each of some failing cases fails for, each once."""
        names = [case.backend if self.is_broken(case.backend) else case.scene for case in cases]
        return list(dict.fromkeys(names))

    def _fails(self, case: Case) -> bool:
        draws = find_backend(case.backend).draws
        return self.is_broken(case.backend) or (draws and not self.scenes[case.scene].works)

    def _reason(self, name: str) -> str:
        return f"{name}: {self.statuses[name].reason}"

    def _scene_names(self) -> tuple[str, ...]:
        return _in_order(self.loaded.scenes, self._scenes, self.scenes)

    def _backend_names(self) -> tuple[str, ...]:
        if self._backends is None or self._backends == self._loaded_backends():
            return self.loaded.backends
        return _in_order(self.loaded.backends, self._backends, self.backends)

    def _camera_error(self) -> str:
        """A camera that a chosen built-in scene lacks; what others have, only loading them would tell."""
        wanted = self.texts["camera"].strip()
        for name in self._scene_names() if wanted else ():
            info = self.scenes[name].info
            if info is not None and info.cameras and wanted not in info.cameras:
                return f"Camera is {wanted!r}, but {name} has {', '.join(info.cameras)}"
        return ""


def _in_order(before: tuple[str, ...], chosen: Collection[str], listed: Iterable[str]) -> tuple[str, ...]:
    """What was there before stays where it was; the rest follows in the order of the list."""
    if set(before) == set(chosen):
        return before
    names = [name for name in (*before, *listed) if name in chosen]
    return tuple(dict.fromkeys(names))
