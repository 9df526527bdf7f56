"""The default scene: a furnished apartment of primitive shapes, where a few things move."""

from importlib import resources

import mujoco

BOOK_MATERIALS = ("navy", "terracotta", "cream", "petrol", "mustard", "charcoal", "sage_light", "rose")
"""Spines come in this order, with steps that make neighbours differ from shelf to shelf."""


def build() -> mujoco.MjSpec:
    """The apartment, ready to compile. Every call gives the same scene.

    The keyframe `home` holds the state and the controls to start from. An actuator whose name ends in
    `_constant` keeps its control; every other one may be driven slowly anywhere within its ctrlrange.
    """
    folder = resources.files("scenes").joinpath("data")
    texts = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".xml")}
    main = texts.pop("apartment.xml").decode()
    spec = mujoco.MjSpec.from_string(main, include=texts)
    for row, site in enumerate([site for site in spec.sites if site.name.startswith("books_")]):
        _fill_with_books(site, row)
        spec.delete(site)
    return spec


def _fill_with_books(site: mujoco.MjsSite, row: int) -> None:
    """Stand books side by side in the box of `site`, whose x runs along the shelf."""
    half_length, half_depth, half_height = (float(value) for value in site.size)
    left, floor = float(site.pos[0]) - half_length, float(site.pos[2]) - half_height
    right = left + 2 * half_length
    number = 0
    while True:
        # Coprime steps through small cycles look irregular and are the same on every machine.
        half_thickness = 0.030 + 0.007 * ((3 * number + 2 * row) % 5)
        height = half_height * (0.70 + 0.06 * ((5 * number + 3 * row) % 6))
        if left + 2 * half_thickness > right:
            return
        site.parent.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=[half_thickness - 0.001, half_depth * (0.85 + 0.05 * (number % 4)), height],
            pos=[left + half_thickness, float(site.pos[1]), floor + height],
            material=BOOK_MATERIALS[(number * 3 + number // 5 + row) % len(BOOK_MATERIALS)],
            contype=0,
            conaffinity=0,
        )
        left += 2 * half_thickness
        number += 1
