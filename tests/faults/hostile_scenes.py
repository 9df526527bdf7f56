"""Scenes as a stranger might make them: each a folder with a `scene.xml` that no honest model holds."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

BALL = "<geom size='1'/>"
TETRAHEDRON = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"
Write = Callable[[Path], None]


def mjcf(inside: str = "", world: str = BALL, before: str = "") -> str:
    """A model with a ball, or with what is given."""
    return f"{before}<mujoco>{inside}<worldbody>{world}</worldbody></mujoco>"


def text(content: str | bytes, **others: str | bytes) -> Write:
    """A scene of this text; the others lie beside it, `_` in their names standing for the dot."""

    def write(folder: Path) -> None:
        for name, what in {"scene_xml": content, **others}.items():
            path = folder / name.replace("_", ".")
            path.write_bytes(what if isinstance(what, bytes) else what.encode())

    return write


def mesh(name: str, content: str | bytes, attributes: str = "") -> Write:
    """A scene that draws one mesh of these bytes."""
    scene = mjcf(
        f"<asset><mesh name='m' file='{name}' {attributes}/></asset>", "<geom type='mesh' mesh='m'/>"
    )
    return text(scene, **{name.replace(".", "_"): content})


def texture(content: bytes, attributes: str = "type='2d'", name: str = "t.png") -> Write:
    """A scene with one texture of these bytes."""
    asset = f"<asset><texture name='t' {attributes} file='{name}'/><material name='m' texture='t'/></asset>"
    return text(mjcf(asset, "<geom size='1' material='m'/>"), **{name.replace(".", "_"): content})


def stl(claimed: int, triangles: int = 0, value: float = 1.0) -> bytes:
    """A binary STL file that claims so many triangles, and has others."""
    corner = struct.pack("<3f", value, 0, 0)
    one = struct.pack("<3f", 0, 0, 1) + corner + struct.pack("<3f", 0, 1, 0) + corner + b"\0\0"
    return b"\0" * 80 + struct.pack("<I", claimed) + one * triangles


def msh(vertices: int, normals: int, texcoords: int, faces: int, rest: bytes = b"") -> bytes:
    """A file in MuJoCo's own format with these counts in its head."""
    return struct.pack("<4i", vertices, normals, texcoords, faces) + rest


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG file with this size in its head."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def laughs(levels: int = 9) -> str:
    """Entities that stand for ten of each other, down to one word: 10^levels of it."""
    lines = ['<!ENTITY lol0 "lol">']
    lines += [f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, levels + 1)]
    return f"<!DOCTYPE mujoco [{''.join(lines)}]>"


def chain(length: int, depth: int) -> Write:
    """Files that include the next, each so many elements deep."""

    def write(folder: Path) -> None:
        for number in range(length):
            name = "scene.xml" if number == 0 else f"part{number}.xml"
            inner = f"<include file='part{number + 1}.xml'/>" if number < length - 1 else BALL
            body = f"<body>{inner}</body>"
            for _ in range(depth - 1):
                body = f"<body>{body}</body>"
            whole = f"<worldbody>{body}</worldbody>" if number == 0 else body
            (folder / name).write_text(f"<mujoco>{whole}</mujoco>")

    return write


def pipe_named(element: str) -> Write:
    """A scene that names a pipe which nobody writes to."""

    def write(folder: Path) -> None:
        os.mkfifo(folder / "pipe.xml")
        (folder / "scene.xml").write_text(mjcf(element))

    return write


def names(attribute: str) -> str:
    """An asset of every kind that reads `attribute`."""
    return (
        f"<asset><mesh name='m' content_type='model/obj' file='{attribute}'/>"
        f"<hfield name='h' content_type='image/png' file='{attribute}' size='1 1 1 1'/>"
        f"<texture name='t' type='2d' content_type='image/png' file='{attribute}'/></asset>"
    )


HUGE = 2**31 - 1

REFUSED: dict[str, tuple[Write, str]] = {
    # Includes
    "includes itself": (text(mjcf("<include file='scene.xml'/>")), "already included"),
    "includes in a loop": (
        text(
            mjcf("<include file='a.xml'/>"),
            a_xml="<mujoco><include file='b.xml'/></mujoco>",
            b_xml="<mujoco><include file='a.xml'/></mujoco>",
        ),
        "already included",
    ),
    "includes passwd": (text(mjcf("<include file='/etc/passwd'/>")), "XML"),
    "includes passwd from above": (text(mjcf(f"<include file='{'../' * 30}etc/passwd'/>")), "XML"),
    "includes a device without end": (text(mjcf("<include file='/dev/zero'/>")), "no ordinary file"),
    "includes a device, in disguise": (
        text(mjcf("<include y='>' file = '&#47;dev&#x2f;zero'/>")),
        "no ordinary file",
    ),
    "includes the terminal": (text(mjcf("<include file='/dev/stdin'/>")), "/dev/stdin"),
    "includes the kernel's memory": (text(mjcf("<include file='/proc/kcore'/>")), "/proc/kcore"),
    "includes the kernel's log": (text(mjcf("<include file='/proc/kmsg'/>")), "no ordinary file"),
    "includes its environment": (text(mjcf("<include file='/proc/self/environ'/>")), "no ordinary file"),
    "includes a pipe": (pipe_named("<include file='pipe.xml'/>"), "no ordinary file"),
    "has a model that is a pipe": (
        pipe_named("<asset><model name='m' file='pipe.xml'/></asset>"),
        "no ordinary file",
    ),
    "has a mesh that is a pipe": (
        pipe_named("<asset><mesh name='m' content_type='model/obj' file='pipe.xml'/></asset>"),
        "no ordinary file",
    ),
    "has a skin that is a pipe": (
        pipe_named("<asset/><deformable><skin file='pipe.xml'/></deformable>"),
        "no ordinary file",
    ),
    "includes a pipe from an included file": (
        lambda folder: (
            pipe_named("<include file='more/a.xml'/>")(folder),
            (folder / "more").mkdir(),
            (folder / "more/a.xml").write_text("<mujoco><include file='../pipe.xml'/></mujoco>"),
        )[0],
        "no ordinary file",
    ),
    "has assets that are devices": (text(mjcf(names("/dev/zero"))), "no ordinary file"),
    "has assets in a folder of devices": (
        text(mjcf("<compiler assetdir='/dev'/>" + names("zero"))),
        "no ordinary file",
    ),
    "has a cube face that is a device": (
        text(
            mjcf(
                "<asset><texture name='t' type='cube' fileright='/dev/zero' fileleft='/dev/zero'"
                " fileup='/dev/zero' filedown='/dev/zero' filefront='/dev/zero'"
                " fileback='/dev/zero'/></asset>"
            )
        ),
        "no ordinary file",
    ),
    "includes its own folder": (text(mjcf("<include file='.'/>")), ""),
    # XML
    "elements without end": (text("<mujoco>" + "<worldbody>" * 1_000_000), "too deep"),
    "includes 3000 files deep": (chain(3000, 1), "include one another"),
    "bodies 20000 deep": (chain(50, 400), "SIGSEGV: MuJoCo is broken by what it holds"),
    # Meshes
    "STL with 4 billion triangles": (mesh("m.stl", stl(2**32 - 1)), ""),
    "STL with fewer triangles than it says": (mesh("m.stl", stl(1_000_000, 5)), ""),
    "STL with 500 million triangles": (mesh("m.stl", stl(500_000_000, 5)), ""),
    "STL cut off": (mesh("m.stl", b"\0" * 60), ""),
    "STL of what is no number": (mesh("m.stl", stl(50, 50, float("nan"))), ""),
    "STL without an end": (mesh("m.stl", stl(50, 50, float("inf"))), ""),
    "MSH with absurd counts": (mesh("m.msh", msh(HUGE, HUGE, HUGE, HUGE)), ""),
    "MSH with counts below zero": (mesh("m.msh", msh(-1, -1, -1, -1)), ""),
    "MSH whose counts overflow": (mesh("m.msh", msh(2**30, 2**30, 2**30, 2**30)), ""),
    "MSH with faces that are not there": (
        mesh("m.msh", msh(4, 0, 0, 1, struct.pack("<12f3i", *range(12), HUGE, -5, 7))),
        "",
    ),
    "OBJ with faces that are not there": (mesh("m.obj", TETRAHEDRON + "f 1 2 99999999\nf -50 -60 -70\n"), ""),
    "OBJ of what is no number": (mesh("m.obj", TETRAHEDRON.replace("1", "nan")), ""),
    "OBJ that is no text": (mesh("m.obj", bytes(range(256)) * 100), ""),
    "OBJ that is passwd": (
        text(
            mjcf(
                "<asset><mesh name='m' content_type='model/obj' file='/etc/passwd'/></asset>",
                "<geom type='mesh' mesh='m'/>",
            )
        ),
        "",
    ),
    "mesh of numbers below": (
        text(
            mjcf(
                "<asset><mesh name='m' vertex='0 0 0 1 0 0 0 1 0 0 0 1' face='0 1 99999999'/></asset>",
                "<geom type='mesh' mesh='m'/>",
            )
        ),
        "",
    ),
    # Pictures
    "PNG of 10 billion pixels": (texture(png(100_000, 100_000)), ""),
    "PNG of 2 billion in width": (texture(png(HUGE, HUGE)), ""),
    "PNG cut off": (texture(png(64, 64)[:40]), ""),
    "PNG with too little in it": (texture(png(64, 64, b"\0" * 10)), ""),
    "texture that is no picture": (texture(b"GIF89a" + b"\0" * 100), ""),
    "texture that is text": (
        texture(b"", name="t.png")
        if False
        else text(
            mjcf(
                "<asset><texture name='t' type='2d' file='/etc/passwd'/>"
                "<material name='m' texture='t'/></asset>"
            )
        ),
        "",
    ),
    "texture of 10 billion texels": (
        text(
            mjcf("<asset><texture name='t' type='2d' builtin='flat' width='100000' height='100000'/></asset>")
        ),
        "",
    ),
    "texture of a size below zero": (
        text(mjcf("<asset><texture name='t' type='2d' builtin='flat' width='-5' height='-5'/></asset>")),
        "",
    ),
    "texture whose size overflows": (
        text(
            mjcf(
                f"<asset><texture name='t' type='cube' builtin='flat' width='{HUGE}' height='{HUGE}'/>"
                "</asset>"
            )
        ),
        "",
    ),
    "texture of many channels": (
        text(
            mjcf(
                f"<asset><texture name='t' type='2d' builtin='flat' width='9' height='9' nchannel='{HUGE}'/>"
                "</asset>"
            )
        ),
        "",
    ),
    "height field of 10 billion points": (
        text(
            mjcf(
                "<asset><hfield name='h' nrow='100000' ncol='100000' size='1 1 1 1'/></asset>",
                "<geom type='hfield' hfield='h'/>",
            )
        ),
        "",
    ),
    "height field whose size overflows": (
        text(
            mjcf(
                "<asset><hfield name='h' nrow='65536' ncol='65537' size='1 1 1 1'/></asset>",
                "<geom type='hfield' hfield='h'/>",
            )
        ),
        "",
    ),
    "height field file with absurd counts": (
        text(
            mjcf(
                "<asset><hfield name='h' file='h.bin' size='1 1 1 1'/></asset>",
                "<geom type='hfield' hfield='h'/>",
            ),
            h_bin=struct.pack("<2i", HUGE, HUGE),
        ),
        "",
    ),
    "skin file with absurd counts": (
        text(
            mjcf("<asset/><deformable><skin file='s.skn'/></deformable>"),
            s_skn=struct.pack("<4i", HUGE, HUGE, HUGE, HUGE),
        ),
        "",
    ),
    # Sizes
    "copies below zero": (text(mjcf(world="<replicate count='-1'><geom size='1'/></replicate>")), ""),
    "a flex of a billion points": (
        text(
            mjcf(
                world="<body name='b'><flexcomp name='f' type='grid' count='1000 1000 1000'"
                " spacing='1 1 1'/></body>"
            )
        ),
        "",
    ),
    "a cable of a billion parts": (
        text(
            mjcf(
                world="<body><composite prefix='c' type='cable' count='1000000000 1 1' size='1'>"
                "<geom type='capsule' size='.1'/></composite></body>"
            )
        ),
        "",
    ),
    "memory of 100 TB": (text(mjcf("<size memory='100000G'/>")), ""),
    "memory of 100 TB, and a camera": (
        text(mjcf("<size memory='100000G'/>", f"{BALL}<camera pos='0 0 4'/>")),
        "more main memory",
    ),
    "memory too small for its first state": (
        text(
            mjcf(
                "<size memory='20k'/>",
                "<camera pos='0 0 9'/><geom size='9 9 1' type='plane'/>"
                + "<body pos='0 0 .5'><freejoint/><geom size='1 1 1' type='box'/></body>" * 12,
            )
        ),
        "increase <size memory",
    ),
    "memory of an exabyte": (text(mjcf("<size memory='8E'/>")), ""),
    "two billion numbers of a person's own": (text(mjcf(f"<size nuserdata='{HUGE}'/>")), ""),
    "numbers of a person's own that overflow": (text(mjcf(f"<size nuser_geom='{HUGE}'/>")), ""),
    "numbers of a person's own below zero": (text(mjcf("<size nuserdata='-7'/>")), ""),
    "constraints without end": (text(mjcf(f"<size njmax='{HUGE}' nconmax='{HUGE}'/>")), ""),
    "a keyframe of a wrong size": (text(mjcf("<keyframe><key qpos='1 2 3'/></keyframe>")), ""),
    "numeric without end": (text(mjcf(f"<custom><numeric name='n' size='{HUGE}'/></custom>")), ""),
    "a sensor without end": (text(mjcf(f"<sensor><user name='n' dim='{HUGE}'/></sensor>")), ""),
    "a camera with a long name": (
        text(mjcf(world=f"{BALL}<camera name='{'x' * 10_000_000}'/>")),
        "characters",
    ),
    # Options
    "time that stands": (text(mjcf("<option timestep='0'/>")), "timestep"),
    "time that goes backwards": (text(mjcf("<option timestep='-0.01'/>")), "timestep"),
    "time that is no number": (text(mjcf("<option timestep='nan'/>")), ""),
    "time that stands, in a default": (text(mjcf("<option timestep='-1e-300'/>")), "timestep"),
    "a picture too wide": (
        text(mjcf(f"<visual><global offwidth='{HUGE}' offheight='{HUGE}'/></visual>")),
        "wide",
    ),
    "a shadow map without end": (
        text(
            mjcf(
                f"<visual><quality shadowsize='{HUGE}'/></visual>",
                "<light castshadow='true' pos='0 0 3'/><geom size='1'/>",
            )
        ),
        "shadow map",
    ),
    "slices without end": (
        text(mjcf(f"<visual><quality numslices='{HUGE}' numstacks='{HUGE}'/></visual>")),
        "facets",
    ),
    "a place far away": (text(mjcf(world="<geom size='1' pos='1e300 -1e300 1e300'/>")), "znear"),
    "a ball as large as all": (text(mjcf(world="<geom size='1e300'/>")), "zfar"),
    "a camera of zero": (text(mjcf(world=f"{BALL}<camera name='c' fovy='0' pos='0 0 3'/>")), "fovy"),
    # Code
    "plugin by its path": (text(mjcf("<extension><plugin plugin='/tmp/evil.so'/></extension>")), "plugin"),
    "plugin that is unknown": (text(mjcf("<extension><plugin plugin='evil.plugin'/></extension>")), "plugin"),
}

ENDLESS: dict[str, Write] = {
    "a hundred million copies": text(mjcf(world=f"<replicate count='100000000'>{BALL}</replicate>")),
    "copies of copies": text(mjcf(world="<replicate count='2000'>" * 4 + BALL + "</replicate>" * 4)),
    "keyframes without end": text(mjcf(f"<size nkey='{HUGE}'/>")),
}
"""What MuJoCo is at for minutes and hours."""

HARMLESS: dict[str, Write] = {
    "a file of outside": text(
        "<!DOCTYPE mujoco [<!ENTITY passwd SYSTEM 'file:///etc/passwd'>]>" + mjcf("&passwd;")
    ),
    "billion laughs": text(laughs() + mjcf(world="<geom name='&lol9;' size='1'/>")),
    "laughs everywhere": text(laughs() + mjcf(world="<geom name='x&lol9;' size='1'/>" * 1)),
    "mesh with a scale that overflows": mesh("m.obj", TETRAHEDRON, "scale='1e300 1e300 1e300'"),
    "time in tiny steps": text(mjcf("<option timestep='1e-300'/>")),
    "a picture of a width below zero": text(mjcf("<visual><global offwidth='-5' offheight='-5'/></visual>")),
    "samples without end": text(mjcf(f"<visual><quality offsamples='{HUGE}'/></visual>")),
    "a place that is no number": text(mjcf(world="<geom size='1' pos='nan 0 0'/>")),
    "a camera of no name": text(mjcf(world=f"{BALL}<camera pos='0 0 4'/><camera name=''/>")),
    "a camera of markup": text(
        mjcf(world=f"{BALL}<camera name='[red]&#27;[31m&#7;&#x202e;|a|`b`' pos='0 0 4'/>")
    ),
    "a camera at nowhere": text(mjcf(world=f"{BALL}<camera name='c' pos='nan nan nan'/>")),
    "a model that falls apart": text(
        mjcf("<option gravity='0 0 -1e30'/>", "<body><freejoint/><geom size='1'/></body><geom size='1'/>")
    ),
    "a model with a long name": text(mjcf().replace("<mujoco>", f"<mujoco model='{'y' * 10_000_000}'>")),
    "a thousand lights": text(mjcf(world=BALL + "<light/>" * 1000)),
}
