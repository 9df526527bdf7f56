"""Which profile is loaded, whether it was changed, and where it is saved: without Textual."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from profiles.errors import ProfileError, quoted, shown_path
from profiles.own_profiles import check_free_name, free_name
from profiles.profile import Profile
from profiles.source import Origin, Source, digest, find_source
from profiles.store import load_profile, save_profile, write_profile


class ChangedOnDiskError(ProfileError):
    """The file is not as it was loaded: saving over it has to be asked about."""


class ProfileKeeper:
    """Holds the saved version of what is being changed on the screen.

    Args:
        saved: what the file holds, or what was begun with where there is none.
        source: where it was loaded from, None where it cannot be said.
        begun: what a person began with, where that is another than what is saved.
    """

    def __init__(self, saved: Profile, source: Source | None = None, begun: Profile | None = None) -> None:
        self.saved = saved
        """As in the file."""
        self._source = source
        self._begun = begun if begun is not None else saved

    @classmethod
    def load(cls, name_or_path: str | Path) -> ProfileKeeper:
        """Load a profile by its name or path.

        Raises:
            ProfileError: there is no such profile, or it is not valid.
        """
        source = find_source(name_or_path)
        return cls(load_profile(name_or_path), source)

    @classmethod
    def at_start(cls, name_or_path: str, profile: Profile) -> ProfileKeeper:
        """Begin with a profile that may differ from the file: options were given, or it was chosen last.

        A file that is gone or not valid any more does no harm: the profile is then saved under a new name.
        """
        try:
            kept = cls.load(name_or_path)
        except ProfileError:
            return cls(profile)
        return cls(kept.saved, kept._source, profile)

    @property
    def name(self) -> str:
        """What loads it again from any folder, a name or an absolute path; "" where nothing does."""
        return self._source.name if self._source else ""

    @property
    def title(self) -> str:
        """What a sentence calls it: `the profile quick`, `the file x.toml`, `the session ID`."""
        if self._source is None:
            return "what is chosen"
        kinds = {Origin.FILE: "file", Origin.SESSION: "session"}
        return f"the {kinds.get(self._source.origin, 'profile')} {self.label.removeprefix('session ')}"

    @property
    def label(self) -> str:
        """What a heading calls it, in a word or two."""
        if self._source is None:
            return "not saved"
        if self._source.origin is Origin.SESSION:
            path = self._source.path
            return f"session {path.name if path.suffix != '.toml' else path.parent.name}"
        return self._source.path.name if self._source.origin is Origin.FILE else self._source.name

    @property
    def can_save(self) -> bool:
        """Whether there is a file of a person's own to save to; else it is only saved under a new name."""
        return self._source is not None and self._source.can_be_saved

    def is_changed(self, profile: Profile) -> bool:
        """Whether something differs from what is saved."""
        return profile != self.saved

    def is_touched(self, profile: Profile) -> bool:
        """Whether something was changed by hand in this sitting and is not saved."""
        return self.is_changed(profile) and profile != self._begun

    def asks_before_quitting(self, profile: Profile | None) -> bool:
        """Whether changes by hand belong into a person's own file; all else is kept as the last choice."""
        return profile is not None and self.can_save and self.is_touched(profile)

    def save(self, profile: Profile, anyway: bool = False) -> Path:
        """Save to the file that it was loaded from, keeping its comments, and return where.

        Args:
            profile: what is saved.
            anyway: also where the file was changed since it was loaded; its new comments are kept then.

        Raises:
            ChangedOnDiskError: the file is not as it was loaded.
            ProfileError: there is no file to save to, or it cannot be written; nothing changed.
        """
        source = self._source
        if source is None or not source.can_be_saved:
            raise ProfileError(f"{quoted(self.label)} is no file of your own, save it under another name")
        if not anyway and digest(source.path) != source.digest:
            changed = "was changed" if source.path.exists() else "was taken away"
            raise ChangedOnDiskError(f"{shown_path(source.path)}: {changed} since it was loaded")
        write_profile(source.path, profile, overwrite=True)
        self._is_saved(profile, replace(source, digest=digest(source.path)))
        return source.path

    def save_as(self, name: str, profile: Profile) -> Path:
        """Save as a profile of one's own under a new name, which is the loaded one from then on.

        The comments of the file that it was loaded from come along.

        Raises:
            ProfileError: the name is not allowed or taken, or the file cannot be written; nothing changed.
        """
        source = self._source
        like = source.path if source is not None and source.origin is not Origin.SESSION else None
        path = save_profile(name, profile, like=like)
        self._is_saved(profile, find_source(path))
        return path

    def suggested_name(self) -> str:
        """A free name to save under."""
        stem = "mine"
        if self._source is not None and self._source.origin is not Origin.SESSION:
            stem = self._source.path.stem
        try:
            check_free_name(stem)
        except ProfileError:
            return free_name(stem)
        return stem

    def follow_rename(self, old: str, new: str) -> None:
        """Learn that a profile of one's own was renamed."""
        if self._source is not None and (self._source.origin, self._source.name) == (Origin.OWN, old):
            self._source = replace(self._source, name=new, path=self._source.path.with_name(f"{new}.toml"))

    def follow_deletion(self, name: str) -> None:
        """Learn that a profile of one's own was deleted: what is on the screen has no file then."""
        if self._source is not None and (self._source.origin, self._source.name) == (Origin.OWN, name):
            self._source = None

    def _is_saved(self, profile: Profile, source: Source) -> None:
        self._source, self.saved, self._begun = source, profile, profile
