"""A compiled model as Madrona's arguments: their kinds, colours, textures, camera and poses."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

# MuJoCo is loaded there first, without OpenGL.
from tests.engine.madrona_pictures import BALL, CAMERA, TEXTURES, loaded, mesh_of, mujoco, picture_of, rotated

# isort: split
from engine.backends.base import BackendError
from engine.backends.madrona_model import MadronaModel, Poses, convert, not_drawn

KINDS = {
    "mesh_vertices": ("float32", (None, 3)),
    "mesh_faces": ("int32", (None, 3)),
    "mesh_vertex_offsets": ("int32", ("meshes",)),
    "mesh_face_offsets": ("int32", ("meshes",)),
    "mesh_texcoords": ("float32", (None, 2)),
    "mesh_texcoord_offsets": ("int32", ("meshes",)),
    "geom_types": ("int32", ("geoms",)),
    "geom_groups": ("int32", ("geoms",)),
    "geom_data_ids": ("int32", ("geoms",)),
    "geom_sizes": ("float32", ("geoms", 3)),
    "geom_mat_ids": ("int32", ("geoms",)),
    "mat_rgba": ("float32", ("materials", 4)),
    "mat_tex_ids": ("int32", (None,)),
    "mat_tex_offsets": ("int32", ("materials",)),
    "tex_data": ("uint8", (None,)),
    "tex_offsets": ("int64", ("textures",)),
    "tex_widths": ("int32", ("textures",)),
    "tex_heights": ("int32", ("textures",)),
    "tex_nchans": ("int32", ("textures",)),
    "cam_fovy": ("float32", (1,)),
    "cam_znear": ("float32", (1,)),
    "cam_zfar": ("float32", (1,)),
    "cam_proj_type": ("uint32", (1,)),
    "enabled_geom_groups": ("int32", (None,)),
}
"""The kind and shape of every array that gs-madrona 0.0.11 declares for `MadronaBatchRenderer`."""
NUMBERS = {
    "num_lights": int,
    "num_worlds": int,
    "batch_render_view_width": int,
    "batch_render_view_height": int,
    "use_rt": bool,
    "max_textures": int,
}


def arguments_of(converted: MadronaModel, worlds: int = 1, raytrace: bool = False, side: int = 64) -> dict:
    return converted.renderer_arguments(worlds=worlds, lights=2, width=side, height=side, raytrace=raytrace)


def converted(body: str, assets: str = "", extra: str = "") -> tuple[MadronaModel, dict]:
    model = convert(*loaded(body, assets, extra), "front")
    return model, arguments_of(model)


SCENES = {
    "textured": (
        """<geom size="0.1" material="tiles"/><geom type="box" size="1 1 1" material="side"/>
        <geom type="capsule" size="0.1 0.2"/><geom type="plane" size="0 0 1" material="tiles"/>
        <geom size="0.1" material="plain"/>""",
        TEXTURES,
    ),
    "without textures": (BALL, ""),
}


@pytest.mark.parametrize("scene", SCENES)
def test_arguments_are_of_the_kinds_that_the_renderer_declares(scene):
    model, arguments = converted(*SCENES[scene])
    counts = {
        "geoms": len(model.geoms),
        "meshes": len(arguments["mesh_vertex_offsets"]),
        "materials": len(arguments["mat_rgba"]),
        "textures": len(arguments["tex_offsets"]),
    }
    assert set(arguments) == set(KINDS) | set(NUMBERS)
    for name, (kind, shape) in KINDS.items():
        array = arguments[name]
        assert array.dtype == kind, name
        assert array.flags.c_contiguous, name
        wanted = tuple(counts.get(length, length) for length in shape)
        assert array.ndim == len(wanted), name
        assert all(b is None or a == b for a, b in zip(array.shape, wanted, strict=True)), name
    assert all(type(arguments[name]) is kind for name, kind in NUMBERS.items())


@pytest.mark.parametrize("scene", SCENES)
def test_offsets_ascend_and_indices_stay_within_what_they_point_at(scene):
    _, arguments = converted(*SCENES[scene])
    for name, target in (
        ("mesh_vertex_offsets", "mesh_vertices"),
        ("mesh_face_offsets", "mesh_faces"),
        ("mat_tex_offsets", "mat_tex_ids"),
        ("tex_offsets", "tex_data"),
    ):
        ends = np.append(arguments[name], len(arguments[target]))
        assert (np.diff(ends) >= 0).all(), name
        assert ends[0] in (0, len(arguments[target])), name
    meshes = len(arguments["mesh_vertex_offsets"])
    laid = 0
    for index in range(meshes):
        vertices, faces, texcoords = mesh_of(arguments, index)
        assert faces.min() == 0, "indices are those of the mesh alone"
        assert faces.max() == len(vertices) - 1
        laid += 0 if texcoords is None else len(texcoords)
        assert texcoords is None or len(texcoords) == len(vertices)
    assert laid == len(arguments["mesh_texcoords"])
    assert (arguments["geom_types"] == 7).all()
    assert (arguments["geom_sizes"] == 1).all()
    assert np.isin(arguments["geom_groups"], arguments["enabled_geom_groups"]).all()
    assert (arguments["geom_data_ids"] < meshes).all()
    assert arguments["geom_mat_ids"].min() >= 0
    assert arguments["geom_mat_ids"].max() < len(arguments["mat_rgba"])
    assert (arguments["mat_tex_ids"] < max(1, len(arguments["tex_widths"]))).all()
    assert len(arguments["tex_data"]) == 4 * (arguments["tex_widths"] * arguments["tex_heights"]).sum()


def test_textures_are_rgba_and_only_those_that_are_seen():
    _, arguments = converted(*SCENES["textured"])
    assert list(zip(arguments["tex_widths"], arguments["tex_heights"], strict=True)) == [(8, 4), (4, 24)]
    assert list(arguments["tex_nchans"]) == [4, 4]
    grid = picture_of(arguments, 0)
    model, _ = loaded(*SCENES["textured"])
    assert (grid[:, :, :3] == model.tex_data[: 8 * 4 * 3].reshape(4, 8, 3)).all()
    assert (grid[:, :, 3] == 255).all()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_texture_of_any_number_of_channels_becomes_rgba(channels):
    spec = mujoco.MjSpec.from_string(f"<mujoco><worldbody>{CAMERA}{BALL}</worldbody></mujoco>")
    pixels = np.random.default_rng(1).integers(0, 256, (3, 5, channels), np.uint8)
    texture = spec.add_texture(
        name="noise", type=mujoco.mjtTexture.mjTEXTURE_2D, width=5, height=3, nchannel=channels
    )
    texture.data = pixels.tobytes()
    material = spec.add_material(name="noisy")
    material.textures[int(mujoco.mjtTextureRole.mjTEXROLE_RGB)] = "noise"
    spec.geoms[0].material = "noisy"
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    picture = picture_of(arguments_of(convert(model, data, "front")), 0)
    assert (picture[:, :, : min(channels, 3)] == pixels[:, :, :3]).all()
    assert (picture[:, :, 3] == (pixels[:, :, 3] if channels == 4 else 255)).all()
    if channels == 1:
        assert (picture[:, :, 1] == pixels[:, :, 0]).all()


def test_one_material_for_each_colour_and_texture():
    body = """
        <geom size="0.1"/><geom size="0.2"/>
        <geom size="0.1" rgba="1 0 0 1"/>
        <geom size="0.1" material="plain"/>
        <geom size="0.1" material="plain" rgba="1 0 0 1"/>
        <geom size="0.1" material="tiles"/>
        <geom size="0.1" material="tiles" rgba="1 0 0 1"/>
        <geom type="plane" size="1 1 1" material="side"/>"""
    _, arguments = converted(body, TEXTURES)
    assert list(arguments["geom_mat_ids"]) == [0, 0, 1, 2, 1, 3, 4, 5]
    rgba = arguments["mat_rgba"][arguments["geom_mat_ids"]]
    linear = ((np.array([0.2, 0.4, 0.6]) + 0.055) / 1.055) ** 2.4
    assert np.allclose(rgba[3], [*linear, 1])
    assert np.allclose(rgba[2], (1, 0, 0, 1))
    assert np.allclose(rgba[6], (1, 0, 0, 1))
    # The renderer takes textures of one material for alternatives among worlds.
    counts = np.diff(np.append(arguments["mat_tex_offsets"], len(arguments["mat_tex_ids"])))
    assert list(counts[arguments["geom_mat_ids"]]) == [0, 0, 0, 0, 0, 1, 1, 0]


def test_hidden_geoms_are_not_there():
    body = """
        <geom size="0.1" group="1" pos="1 0 0"/><geom size="0.1" group="3"/><geom size="0.1" group="5"/>
        <geom size="0.1" rgba="1 1 1 0"/><geom size="0.1" group="2" pos="2 0 0"/>
        <site size="0.1"/>"""
    model, arguments = converted(body)
    assert list(model.geoms) == [0, 4]
    assert len(arguments["geom_types"]) == 2


def test_a_scene_with_nothing_to_draw_is_refused_in_a_sentence():
    model, data = loaded('<geom size="0.1" group="4"/>')
    with pytest.raises(BackendError, match="no geom in the groups 0 to 2"):
        convert(model, data, "front")


@pytest.mark.parametrize(
    ("side", "worlds", "tables"), [(64, 1, 1), (64, 257, 2), (64, 8192, 32), (2048, 100, 2)]
)
def test_many_worlds_have_room_for_their_shadow_maps(side, worlds, tables):
    """The rasterizer draws at most 16 x 16 worlds, and 16384 texels a side, into one picture."""
    model, _ = converted(BALL)
    assert arguments_of(model, worlds=worlds, side=side)["max_textures"] == tables


@st.composite
def _quaternions(draw) -> np.ndarray:
    """Turns of all kinds, half turns among them, where a matrix leaves most signs open."""
    values = draw(
        st.lists(st.one_of(st.sampled_from([0.0, 0.0, 1.0, -1.0]), st.floats(-1, 1)), min_size=4, max_size=4)
    )
    length = float(np.linalg.norm(values))
    return np.array(values) / length if length > 1e-3 else np.array([1.0, 0, 0, 0])


@given(_quaternions(), _quaternions(), _quaternions())
def test_poses_move_points_as_mujoco_does(body, geom, eye):
    def text(quaternion) -> str:
        return " ".join(str(float(value)) for value in quaternion)

    model = mujoco.MjModel.from_xml_string(
        f"""<mujoco><worldbody><geom size="1" group="4"/><body pos="1 2 3" quat="{text(body)}">
        <geom type="box" size="0.1 0.2 0.3" pos="0.4 0 1" quat="{text(geom)}"/>
        <camera name="front" pos="0 1 2" quat="{text(eye)}"/></body></worldbody></mujoco>"""
    )
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    poses = Poses(convert(model, data, "front"), 3)
    poses.write(2, data)
    arrays = poses.arrays
    points = np.array([(0, 0, 0), (0.1, 0, 0), (0, 0.2, 0), (0.1, -0.2, 0.3)])
    moved = rotated(arrays.geom_rot[2, 0], points) + arrays.geom_pos[2, 0]
    assert np.allclose(moved, points @ data.geom_xmat[1].reshape(3, 3).T + data.geom_xpos[1], atol=1e-5)
    # Right stays right; what MuJoCo looks along, -z, is y; and up, y, is z.
    axes = data.cam_xmat[0].reshape(3, 3)
    assert np.allclose(
        rotated(arrays.cam_rot[2, 0], np.eye(3)), (axes[:, 0], -axes[:, 2], axes[:, 1]), atol=1e-5
    )
    assert np.allclose(arrays.cam_pos[2, 0], data.cam_xpos[0])
    assert not arrays.geom_pos[:2].any()


def test_poses_of_many_worlds_are_written_in_place():
    body = "".join(f'<body pos="{number} 0 0"><freejoint/><geom size="0.1"/></body>' for number in range(200))
    model, data = loaded(f'<geom size="0.1" group="3"/>{body}')
    poses = Poses(convert(model, data, "front"), 2)
    arrays = {name: getattr(poses.arrays, name) for name in ("geom_pos", "geom_rot", "cam_pos", "cam_rot")}
    assert {name: array.shape for name, array in arrays.items()} == {
        "geom_pos": (2, 200, 3),
        "geom_rot": (2, 200, 4),
        "cam_pos": (2, 1, 3),
        "cam_rot": (2, 1, 4),
    }
    assert all(array.dtype == "float32" and array.flags.c_contiguous for array in arrays.values())
    poses.write(0, data)
    data.qpos[2] = 7
    mujoco.mj_forward(model, data)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    poses.write(1, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - before < 200 * 3 * 8, "room for one array of the geoms"
    assert np.allclose(arrays["geom_pos"][:, 0], [(0, 0, 0), (0, 0, 7)])
    assert all(getattr(poses.arrays, name) is array for name, array in arrays.items())


@pytest.mark.parametrize("mode", ["fixed", "track", "trackcom", "targetbody"])
def test_the_camera_is_where_its_mode_takes_it(mode):
    target = 'target="ball"' if mode.startswith("target") else ""
    model = mujoco.MjModel.from_xml_string(
        f"""<mujoco><worldbody><body name="ball" pos="0 0 1"><freejoint/><geom size="0.1"/>
        <camera name="front" pos="0 -2 0.5" xyaxes="1 0 0 0 0 1" mode="{mode}" {target}/>
        </body></worldbody></mujoco>"""
    )
    data = mujoco.MjData(model)
    data.qpos[:] = (1, 2, 3, 0.6, 0, 0.8, 0)
    mujoco.mj_forward(model, data)
    poses = Poses(convert(model, data, "front"), 1)
    poses.write(0, data)
    assert np.allclose(poses.arrays.cam_pos[0, 0], data.cam_xpos[0])
    forward = rotated(poses.arrays.cam_rot[0, 0], np.array([[0, 1.0, 0]]))[0]
    assert np.allclose(forward, -data.cam_xmat[0].reshape(3, 3)[:, 2], atol=1e-6)


def test_the_lens_is_mujocos():
    extra = '<statistic extent="2"/><visual><map znear="0.02" zfar="30"/></visual>'
    _, arguments = converted(BALL, extra=extra)
    assert arguments["cam_fovy"][0] == pytest.approx(45)
    assert arguments["cam_znear"][0] == pytest.approx(0.04)
    assert arguments["cam_zfar"][0] == pytest.approx(60)
    assert arguments["cam_proj_type"][0] == 0


def test_a_camera_given_by_its_sensor_keeps_its_vertical_angle():
    body = """<camera name="phone" pos="0 -5 0" xyaxes="1 0 0 0 0 1" resolution="64 48"
        sensorsize="0.004 0.003" focal="0.005 0.005"/>"""
    model, data = loaded(BALL + body)
    arguments = arguments_of(convert(model, data, "phone"))
    assert arguments["cam_fovy"][0] == pytest.approx(np.degrees(2 * np.arctan(0.0015 / 0.005)), rel=1e-4)
    words = not_drawn(model, data, "phone", bare=True, raytrace=False)
    assert "the camera's horizontal focal length and offset" in words


def test_a_parallel_camera_sees_the_centre_as_large_as_before():
    body = '<camera name="flat" pos="0 -5 0" xyaxes="1 0 0 0 0 1" projection="orthographic" fovy="3"/>'
    model, data = loaded(BALL + body, extra='<statistic center="0 0 0"/>')
    assert arguments_of(convert(model, data, "flat"))["cam_fovy"][0] == pytest.approx(
        np.degrees(2 * np.arctan(1.5 / 5))
    )
    assert "parallel projection" in not_drawn(model, data, "flat", bare=True, raytrace=False)
