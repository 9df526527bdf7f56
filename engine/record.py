"""The base of all data that crosses a process or a file boundary."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An immutable record that msgspec encodes, and decodes only when every field has its type."""
