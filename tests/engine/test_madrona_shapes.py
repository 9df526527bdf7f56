"""Every geom as triangles: on its surface, closed, facing outwards, and as large as MuJoCo has it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

# MuJoCo is loaded there first, without OpenGL.
from tests.engine.madrona_pictures import mesh_of, mujoco

# isort: split
from engine.backends.madrona_model import convert

CAMERA = '<camera name="front" pos="0 -5 0" xyaxes="1 0 0 0 0 1"/>'
CUBE = "-1 -1 -1  1 -1 -1  1 1 -1  -1 1 -1  -1 -1 1  1 -1 1  1 1 1  -1 1 1"

TETRAHEDRON = b"""
v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1
vt 0 0\nvt 1 0\nvt 0 1\nvt 1 1\nvt 0.5 0.25
f 1/1 3/3 2/2\nf 1/5 2/2 4/4\nf 2/2 3/3 4/4\nf 1/1 4/4 3/3
"""

lengths = st.floats(0.01, 3.0)


def compiled(body: str, assets: str = "", quality: str = "", files: dict | None = None):
    """A model, and its arguments for the renderer."""
    model = mujoco.MjModel.from_xml_string(
        f"<mujoco><visual><quality {quality}/></visual><asset>{assets}</asset>"
        f"<worldbody>{CAMERA}{body}</worldbody></mujoco>",
        files or {},
    )
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    converted = convert(model, data, "front")
    return model, converted.renderer_arguments(worlds=1, lights=1, width=64, height=48, raytrace=False)


def shape(geom: str, **others) -> tuple[NDArray, NDArray]:
    """Vertices and faces of one geom."""
    _, arguments = compiled(f"<geom {geom}/>", **others)
    vertices, faces, _ = mesh_of(arguments, int(arguments["geom_data_ids"][0]))
    return vertices, faces


def check_closed(vertices: NDArray, faces: NDArray) -> float:
    """Look that every edge has a face on both sides; the volume is positive where faces look outwards."""
    _, places = np.unique(np.round(vertices, 6), axis=0, return_inverse=True)
    welded = places.reshape(-1)[faces]
    assert (welded != np.roll(welded, 1, axis=1)).all(), "a face without an area"
    edges = np.concatenate([welded[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    key = edges.max() + 1
    there, back = edges @ [key, 1], edges @ [1, key]
    assert len(np.unique(there)) == len(there), "an edge has two faces on one side"
    assert np.isin(there, back).all(), "an edge has no face on its other side"
    return volume(vertices, faces)


def volume(vertices: NDArray, faces: NDArray) -> float:
    """Signed volume, by tetrahedra from the origin."""
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def check_faces_outwards(vertices: NDArray, faces: NDArray) -> None:
    """Of a convex shape around the origin."""
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), a + b + c) > 0).all()


def text(*values: float) -> str:
    return " ".join(str(value) for value in values)


@given(lengths, lengths, lengths)
def test_an_ellipsoid(x, y, z):
    size = np.array([x, y, z])
    vertices, faces = shape(f'type="ellipsoid" size="{text(x, y, z)}"')
    assert np.allclose(((vertices / size) ** 2).sum(axis=1), 1, atol=1e-5)
    assert np.allclose(vertices.max(axis=0), size, rtol=1e-5)
    assert np.allclose(vertices.min(axis=0), -size, rtol=1e-5)
    whole = 4 / 3 * np.pi * x * y * z
    assert 0.95 * whole < check_closed(vertices / size, faces) * x * y * z < whole
    check_faces_outwards(vertices / size, faces)


@given(lengths)
def test_a_sphere(radius):
    vertices, faces = shape(f'type="sphere" size="{radius}"')
    assert np.allclose(np.linalg.norm(vertices, axis=1), radius, rtol=1e-5)
    assert check_closed(vertices / radius, faces) > 0


@given(lengths, lengths)
def test_a_capsule(radius, half):
    vertices, faces = shape(f'type="capsule" size="{text(radius, half)}"')
    nearest = np.zeros_like(vertices)
    nearest[:, 2] = np.clip(vertices[:, 2], -half, half)
    assert np.allclose(np.linalg.norm(vertices - nearest, axis=1), radius, atol=1e-5 * (radius + half))
    assert np.allclose(vertices.max(axis=0), (radius, radius, half + radius), rtol=1e-5)
    assert np.allclose(vertices.min(axis=0), (-radius, -radius, -half - radius), rtol=1e-5)
    unit = vertices / (radius, radius, half + radius)
    whole = np.pi * radius**2 * (2 * half + 4 / 3 * radius)
    assert 0.95 * whole < check_closed(unit, faces) * radius**2 * (half + radius) < whole
    check_faces_outwards(vertices, faces)


@given(lengths, lengths)
def test_a_cylinder(radius, half):
    vertices, faces = shape(f'type="cylinder" size="{text(radius, half)}"')
    across = np.linalg.norm(vertices[:, :2], axis=1)
    on_rim = np.isclose(across, radius, rtol=1e-5)
    assert np.allclose(np.abs(vertices[:, 2]), half, rtol=1e-5)
    assert np.allclose(across[~on_rim], 0)
    unit = vertices / (radius, radius, half)
    assert 0.95 * 2 * np.pi < check_closed(unit, faces) < 2 * np.pi
    check_faces_outwards(unit, faces)


@given(lengths, lengths, lengths)
def test_a_box(x, y, z):
    size = np.array([x, y, z])
    vertices, faces = shape(f'type="box" size="{text(x, y, z)}"')
    assert np.allclose(np.abs(vertices), size, rtol=1e-5)
    assert check_closed(vertices / size, faces) == pytest.approx(8, rel=1e-5)
    check_faces_outwards(vertices, faces)


@pytest.mark.parametrize(("geom", "edges"), [("box", 6), ("cylinder", 2)])
def test_sharp_edges_stay_sharp(geom, edges):
    """The renderer makes a vertex's normal from the faces that share it: flat sides share none."""
    vertices, faces = shape(f'type="{geom}" size="0.3 0.4 0.5"')
    flat = [face for face in faces if is_flat(vertices, faces, face)]
    directions = {tuple(np.round(normal(vertices, face), 4) + 0.0) for face in flat}
    assert len(directions) == edges


def normal(vertices: NDArray, face: NDArray) -> NDArray:
    a, b, c = vertices[face]
    across = np.cross(b - a, c - a)
    return across / np.linalg.norm(across)


def is_flat(vertices: NDArray, faces: NDArray, face: NDArray) -> bool:
    """Whether every face that shares a vertex with this one looks the same way."""
    near = faces[np.isin(faces, face).any(axis=1)]
    own = normal(vertices, face)
    return all(normal(vertices, other) @ own > 0.9999 for other in near)


def test_a_finite_plane_looks_up_and_is_as_large_as_it_says():
    vertices, faces = shape('type="plane" size="2 0.5 0.1"')
    assert np.allclose(vertices[:, 2], 0)
    assert np.allclose(vertices.max(axis=0), (2, 0.5, 0))
    assert np.allclose(vertices.min(axis=0), (-2, -0.5, 0))
    assert all(np.allclose(normal(vertices, face), (0, 0, 1)) for face in faces)


def test_an_infinite_plane_reaches_beyond_what_the_camera_sees():
    model, arguments = compiled('<geom type="plane" size="0 2 0.1"/>')
    vertices, _, _ = mesh_of(arguments, 0)
    far = float(arguments["cam_zfar"][0])
    assert far == pytest.approx(model.vis.map.zfar * model.stat.extent)
    assert vertices[:, 0].max() > far + 5
    assert vertices[:, 0].min() < -far - 5
    assert np.allclose(np.abs(vertices[:, 1]), 2)


@pytest.mark.parametrize(("slices", "stacks"), [(3, 2), (12, 4), (28, 16), (40, 31)])
def test_shapes_are_as_fine_as_the_model_asks(slices, stacks):
    quality = f'numslices="{slices}" numstacks="{stacks}"'
    for geom in ('type="sphere" size="1"', 'type="capsule" size="0.5 1"', 'type="cylinder" size="1 1"'):
        vertices, faces = shape(geom, quality=quality)
        assert check_closed(vertices, faces) > 0
        turns = np.unique(np.round(np.arctan2(vertices[:, 1], vertices[:, 0]), 5))
        assert slices <= len(turns) <= slices + 1


def test_a_mesh_keeps_every_face_where_it_is():
    assets = f'<mesh name="cube" vertex="{CUBE}"/>'
    model, arguments = compiled('<geom type="mesh" mesh="cube"/>', assets)
    vertices, faces, texcoords = mesh_of(arguments, 0)
    assert np.allclose(vertices[faces], model.mesh_vert[model.mesh_face])
    assert check_closed(vertices, faces) == pytest.approx(8)
    assert texcoords is None
    # Its eight vertices are shared by sides that meet at right angles, and MuJoCo lights each side flat.
    assert all(is_flat(vertices, faces, face) for face in faces)


def test_a_smooth_mesh_is_not_split():
    model, arguments = compiled(
        '<geom type="mesh" mesh="ball"/>', '<mesh name="ball" builtin="sphere" params="3"/>'
    )
    vertices, faces, _ = mesh_of(arguments, 0)
    assert len(vertices) == model.nmeshvert
    assert np.allclose(vertices[faces], model.mesh_vert[model.mesh_face])


def test_a_mesh_with_texture_coordinates_is_split_where_a_vertex_has_two():
    assets = """
        <texture name="grid" type="2d" builtin="checker" width="8" height="8"/>
        <material name="laid" texture="grid" texrepeat="2 3"/>
        <mesh name="tetra" file="tetra.obj"/>"""
    body = '<geom type="mesh" mesh="tetra" material="laid"/><geom type="mesh" mesh="tetra"/>'
    model, arguments = compiled(body, assets, files={"tetra.obj": TETRAHEDRON})
    vertices, faces, texcoords = mesh_of(arguments, int(arguments["geom_data_ids"][0]))
    assert np.allclose(vertices[faces], model.mesh_vert[model.mesh_face])
    assert np.allclose(texcoords[faces], model.mesh_texcoord[model.mesh_facetexcoord] * (2, 3))
    assert len(vertices) > 4
    bare, bare_faces, plain = mesh_of(arguments, int(arguments["geom_data_ids"][1]))
    assert plain is None
    assert np.allclose(bare[bare_faces], model.mesh_vert[model.mesh_face])


def test_a_height_field_lies_where_mujoco_has_it():
    heights = np.random.default_rng(3).random((6, 9)).round(3)
    assets = (
        f'<hfield name="hills" nrow="6" ncol="9" size="2 1 0.5 0.25" elevation="{text(*heights.ravel())}"/>'
    )
    model, arguments = compiled('<geom type="hfield" hfield="hills" pos="0.3 0.2 1"/>', assets)
    vertices, faces, _ = mesh_of(arguments, 0)
    assert check_closed(vertices, faces) > 2 * 2 * 2 * 1 * 0.25
    assert np.allclose(vertices.min(axis=0), (-2, -1, -0.25))
    assert np.allclose(vertices.max(axis=0), (2, 1, 0.5))
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    # MuJoCo's own field, met by rays from above: near the corners of the triangles on top, and within them.
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    top = np.cross(b - a, c - a)[:, 2] > 1e-6
    assert np.count_nonzero(top) == 2 * 5 * 8
    for shares in ((0.98, 0.01, 0.01), (0.01, 0.98, 0.01), (0.01, 0.01, 0.98), (0.2, 0.3, 0.5)):
        for place in (np.stack([a, b, c], axis=-1) @ shares)[top]:
            start = data.geom_xpos[0] + place + (0, 0, 3)
            distance = mujoco.mj_rayHfield(model, data, 0, start, np.array([0, 0, -1.0]), None)
            assert distance == pytest.approx(3, abs=1e-5)


def test_what_looks_alike_shares_a_mesh():
    body = """
        <geom type="box" size="0.1 0.2 0.3"/>
        <geom type="box" size="0.1 0.2 0.3" pos="1 0 0" rgba="1 0 0 1"/>
        <geom type="box" size="0.1 0.2 0.31"/>
        <geom type="sphere" size="0.1"/>
        <geom type="ellipsoid" size="0.1 0.1 0.1"/>
        <geom type="cylinder" size="0.1 0.1"/>
        <geom type="mesh" mesh="cube"/>
        <geom type="mesh" mesh="cube" pos="4 0 0"/>
        <geom type="box" size="0.1 0.2 0.3" material="laid"/>
        <geom type="box" size="0.1 0.2 0.3" material="laid" rgba="0 1 0 1"/>
        <geom type="box" size="0.1 0.2 0.3" material="denser"/>"""
    assets = f"""
        <texture name="grid" type="2d" builtin="checker" width="8" height="8"/>
        <material name="laid" texture="grid"/>
        <material name="denser" texture="grid" texrepeat="3 3"/>
        <mesh name="cube" vertex="{CUBE}"/>"""
    _, arguments = compiled(body, assets)
    assert list(arguments["geom_data_ids"]) == [0, 0, 1, 2, 2, 3, 4, 4, 5, 5, 6]
    assert len(arguments["mesh_vertex_offsets"]) == 7
