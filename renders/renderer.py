"""Draws triangles with OpenGL (software or hardware): linear light, object ids and masks as numpy arrays."""

from dataclasses import dataclass, field

import moderngl
import numpy as np

import shaders

TRIANGLE_COLUMNS = 2048
NOTHING = 65535
SHADOW_SIZE = 1024


@dataclass
class Mesh:
    """Vertices (metres), normals, pattern coordinates; triangles with a row of the material table and an object id each."""

    positions: np.ndarray
    normals: np.ndarray
    coordinates: np.ndarray
    triangles: np.ndarray
    materials: np.ndarray
    objects: np.ndarray

    @staticmethod
    def join(meshes):
        """One mesh of many."""
        meshes = list(meshes)
        starts = np.cumsum([0] + [len(m.positions) for m in meshes[:-1]])
        return Mesh(
            np.concatenate([m.positions for m in meshes]).astype(np.float32),
            np.concatenate([m.normals for m in meshes]).astype(np.float32),
            np.concatenate([m.coordinates for m in meshes]).astype(np.float32),
            np.concatenate([m.triangles + s for m, s in zip(meshes, starts)]).astype(np.int32),
            np.concatenate([m.materials for m in meshes]).astype(np.uint16),
            np.concatenate([m.objects for m in meshes]).astype(np.uint16),
        )

    def moved(self, rotation, offset):
        """Turned by a 3x3 matrix, then shifted."""
        rotation = np.asarray(rotation, np.float32)
        return Mesh(
            self.positions @ rotation.T + np.asarray(offset, np.float32), self.normals @ rotation.T,
            self.coordinates, self.triangles, self.materials, self.objects,
        )  # fmt: skip

    def of(self, obj):
        """The same with another object id."""
        return Mesh(self.positions, self.normals, self.coordinates, self.triangles, self.materials,
                    np.full(len(self.triangles), obj, np.uint16))  # fmt: skip


class Materials:
    """The table of materials of a scene; `add` gives the row."""

    def __init__(self):
        self.rows = []

    def add(self, colour, kind=0, second=(0, 0, 0), scale=1.0, gloss=0.0, bump=0.0, glow=0.0, mottle=0.0,
            third=(0, 0, 0), extra=0.0):  # fmt: skip
        """Colours are linear 0..1; `kind` is the pattern's number in the shader."""
        self.rows.append([*colour, kind, *second, scale, gloss, bump, glow, mottle, *third, extra])
        return len(self.rows) - 1


@dataclass
class Light:
    """What shines: a sun or strong lamp with shadows, the light of sky and ground, and lamps without shadows."""

    sun_direction: np.ndarray = field(default_factory=lambda: np.array([0.3, 0.2, 0.93]))
    sun: tuple = (0.5, 0.5, 0.5)
    sun_blur: float = 2.0
    sky: tuple = (0.5, 0.5, 0.5)
    ground: tuple = (0.25, 0.25, 0.25)
    lamps: list = field(default_factory=list)  # (position, colour)
    haze: tuple = (0.5, 0.5, 0.5)
    haze_density: float = 0.0
    exposure: float = 1.0


class Batch:
    """A mesh on the graphics side: sorted by pattern for pictures, by object for masks."""

    def __init__(self, renderer, mesh, materials):
        context = renderer.context
        kinds = np.array([row[3] for row in materials.rows], int)[mesh.materials]
        order = np.argsort(kinds, kind="stable")
        data = np.concatenate([mesh.positions, mesh.normals, mesh.coordinates], 1).astype(np.float32)
        vertices = context.buffer(np.ascontiguousarray(data))
        sorted_triangles = context.buffer(mesh.triangles[order].astype(np.int32))
        by_object = context.buffer(mesh.triangles.astype(np.int32))
        rows = max(1, -(-len(order) // TRIANGLE_COLUMNS))
        ids = np.zeros((rows * TRIANGLE_COLUMNS, 2), np.uint16)
        ids[: len(order), 0], ids[: len(order), 1] = mesh.materials[order], mesh.objects[order]
        self.ids = context.texture((TRIANGLE_COLUMNS, rows), 2, ids.tobytes(), dtype="u2")
        plain = [(vertices, "3f 6x4", "position")]
        layout = [(vertices, "3f 3f 3f", "position", "normal", "coordinate")]
        self.by_kind = []
        for kind, a, b in runs(kinds[order]):
            program = renderer.program(kind)
            array = context.vertex_array(program, layout, sorted_triangles, skip_errors=True)
            self.by_kind.append((program, array, a, b))
        self.depth = context.vertex_array(renderer.depth_program, plain, sorted_triangles)
        self.identity = context.vertex_array(renderer.id_program, plain, sorted_triangles)
        self.mask = context.vertex_array(renderer.mask_program, plain, by_object)
        self.objects = runs(mesh.objects)
        self.owned = [vertices, sorted_triangles, by_object, self.ids, self.depth, self.identity, self.mask]
        self.owned += [array for _, array, _, _ in self.by_kind]

    def release(self):
        """Frees the memory."""
        for item in self.owned:
            item.release()


def runs(values):
    """(value, start, end) of each stretch of equal values."""
    edges = [0, *(np.flatnonzero(np.diff(values.astype(int))) + 1).tolist(), len(values)]
    return [(int(values[a]), a, b) for a, b in zip(edges, edges[1:]) if b > a]


class Renderer:
    """Pictures of `width` x `height` with 4 samples a pixel; ids are drawn `fine` times larger."""

    def __init__(self, width, height, fine=2):
        self.context = context = moderngl.create_standalone_context(backend="egl")
        self.size, self.fine = (width, height), fine
        big = (width * fine, height * fine)
        self.programs = {}
        self.depth_program = context.program(shaders.DEPTH_VERTEX, shaders.DEPTH_FRAGMENT)
        self.id_program = context.program(shaders.DEPTH_VERTEX, shaders.ID_FRAGMENT)
        self.mask_program = context.program(shaders.DEPTH_VERTEX, shaders.MASK_FRAGMENT)
        self.target = context.framebuffer(
            [context.renderbuffer(self.size, 4, samples=4)], context.depth_renderbuffer(self.size, samples=4)
        )
        self.resolved = context.framebuffer([context.texture(self.size, 4)])
        self.object = context.texture(big, 1, dtype="u2")
        self.object_target = context.framebuffer([self.object], context.depth_renderbuffer(big))
        self.empty = np.full(big[0] * big[1], NOTHING, np.uint16).tobytes()
        self.shadow = context.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self.shadow.compare_func, self.shadow.repeat_x, self.shadow.repeat_y = "<=", False, False
        self.shadow_target = context.framebuffer(depth_attachment=self.shadow)
        self.mask = context.texture(big, 1)
        self.mask_target = context.framebuffer([self.mask], context.depth_renderbuffer(big))
        self.noise = context.texture((256, 256), 4, smooth_noise(np.random.default_rng(7)).tobytes())
        self.noise.build_mipmaps()
        self.noise.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
        self.prints = context.texture((1024, 1024), 3, np.full((1024, 1024, 3), 128, np.uint8).tobytes())
        self.contact = context.texture((256, 256), 2, np.zeros((256, 256, 2), np.uint8).tobytes())
        self.contact.repeat_x = self.contact.repeat_y = False
        self.contact_frame = (0.0, 0.0, 1.0, 1.0)
        self.material_texture = None

    def program(self, kind):
        """The program of a pattern."""
        if kind not in self.programs:
            self.programs[kind] = self.context.program(shaders.VERTEX, shaders.FRAGMENT.replace("@KIND", str(kind)))
        return self.programs[kind]

    def set_prints(self, picture):
        """The 1024x1024 sheet (8-bit RGB) that signs, screens and posters are cut from."""
        self.prints.write(np.ascontiguousarray(picture).tobytes())
        self.prints.build_mipmaps()
        self.prints.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)

    def set_materials(self, materials):
        """The table that triangles index."""
        table = np.array(materials.rows, np.float32).reshape(-1, 4, 4)
        if self.material_texture:
            self.material_texture.release()
        self.material_texture = self.context.texture((4, len(table)), 4, table.tobytes(), dtype="f4")
        self.material_texture.filter = (moderngl.NEAREST, moderngl.NEAREST)

    def set_contact(self, cover, frame):
        """Cover of the floor (256x256x2, 8 bit) over the rectangle x0, y0, x1, y1 in metres."""
        x0, y0, x1, y1 = frame
        self.contact.write(np.ascontiguousarray(cover).tobytes())
        self.contact_frame = (x0, y0, 1 / (x1 - x0), 1 / (y1 - y0))

    def render(self, camera, light, batches, bounds=((0, 0, 0), 12.0)):
        """Linear light (height, width, 3) float32. The sun's shadows reach over `bounds` (centre, radius)."""
        sun = sun_matrix(light.sun_direction, *bounds)
        self._draw_shadow(batches, sun)
        values = self._values(camera, light, sun)
        textures = {"materials": self.material_texture, "noise": self.noise, "prints": self.prints,
                    "contact": self.contact, "shadow": self.shadow}  # fmt: skip
        for unit, texture in enumerate(textures.values(), 1):
            texture.use(unit)
        for program in {id(p): p for batch in batches for p, _, _, _ in batch.by_kind}.values():
            for name, value in values.items():
                if name in program:
                    program[name].write(value)
            for unit, name in enumerate(["triangles", *textures]):
                if name in program:
                    program[name].value = unit
        self.target.use()
        self.context.enable_only(moderngl.DEPTH_TEST)
        self.target.clear(*np.sqrt(np.clip(np.array(light.haze) * light.exposure, 0, 4)) * 0.5, 1.0)
        for batch in batches:
            batch.ids.use(0)
            for program, array, a, b in batch.by_kind:
                program["first_triangle"].value = a
                array.render(vertices=3 * (b - a), first=3 * a)
        self.context.copy_framebuffer(self.resolved, self.target)
        width, height = self.size
        colour = np.frombuffer(self.resolved.read(components=4), np.uint8).reshape(height, width, 4)
        return SQUARES[colour[::-1, :, :3]]

    def _draw_shadow(self, batches, matrix):
        self.shadow_target.use()
        self.context.enable_only(moderngl.DEPTH_TEST)
        self.shadow_target.clear(depth=1.0)
        self.depth_program["view_projection"].write(packed(matrix.T))
        for batch in batches:
            batch.depth.render()

    def _values(self, camera, light, sun):
        direction = np.asarray(light.sun_direction, float)
        half = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1]])
        lamps = (list(light.lamps) + [((0, 0, 0), (0, 0, 0))] * 4)[:4]
        values = {
            "view_projection": camera.matrix().T, "shadow_matrix": (half @ sun).T, "eye": camera.position,
            "sun_direction": direction / np.linalg.norm(direction), "sun": light.sun, "contact_frame": self.contact_frame,
            "sun_blur": [light.sun_blur / SHADOW_SIZE], "sky_light": light.sky, "ground_light": light.ground,
            "haze": light.haze, "haze_density": [light.haze_density], "exposure": [light.exposure],
            "lamp_position": [p for p, _ in lamps], "lamp": [c for _, c in lamps],
        }  # fmt: skip
        return {name: packed(value) for name, value in values.items()}

    def identify(self, camera, batches):
        """Object ids (height*fine, width*fine) uint16, `NOTHING` where there is none."""
        self.object_target.use()
        self.context.enable_only(moderngl.DEPTH_TEST)
        self.object_target.clear()
        self.object.write(self.empty)
        self.id_program["view_projection"].write(packed(camera.matrix().T))
        self.id_program["triangles"].value = 0
        self.id_program["first_triangle"].value = 0
        for batch in batches:
            batch.ids.use(0)
            batch.identity.render()
        width, height = self.size[0] * self.fine, self.size[1] * self.fine
        return np.frombuffer(self.object.read(), np.uint16).reshape(height, width)[::-1]

    def alone(self, camera, batch, obj):
        """Mask (height*fine, width*fine) of one object without anything before it."""
        self.mask_target.use()
        self.context.enable_only(moderngl.DEPTH_TEST)
        self.mask_target.clear()
        self.mask_program["view_projection"].write(packed(camera.matrix().T))
        for this, a, b in batch.objects:
            if this == obj:
                batch.mask.render(vertices=3 * (b - a), first=3 * a)
        width, height = self.size[0] * self.fine, self.size[1] * self.fine
        return np.frombuffer(self.mask.read(), np.uint8).reshape(height, width)[::-1] > 0


def packed(values):
    """Bytes of 32-bit floats."""
    return np.ascontiguousarray(np.asarray(values, np.float32)).tobytes()


SQUARES = ((np.arange(256) / 255 * 2) ** 2).astype(np.float32)


def smooth_noise(rng):
    """256x256x4 periodic noise of two octaves, 8 bit, mean 0.5."""
    total = np.zeros((256, 256, 4))
    for cells, weight in ((32, 0.55), (128, 0.45)):
        coarse = rng.random((cells, cells, 4))
        x = np.arange(256) * cells / 256
        i, f = x.astype(int), (x % 1)
        f = f * f * (3 - 2 * f)
        rows = coarse[i] * (1 - f)[:, None, None] + coarse[(i + 1) % cells] * f[:, None, None]
        total += weight * (rows[:, i] * (1 - f)[None, :, None] + rows[:, (i + 1) % cells] * f[None, :, None])
    return (np.clip((total - 0.5) * 1.3 + 0.5, 0, 1) * 255).astype(np.uint8)


def sun_matrix(direction, centre, radius):
    """Orthographic view from the sun over a ball."""
    z = np.asarray(direction, float) / np.linalg.norm(direction)
    x = np.cross([0, 1, 0] if abs(z[1]) < 0.9 else [1, 0, 0], z)
    x /= np.linalg.norm(x)
    view = np.eye(4)
    view[:3, :3] = [x, np.cross(z, x), z]
    view[:3, 3] = -view[:3, :3] @ np.asarray(centre, float)
    return np.diag([1 / radius, 1 / radius, -1 / (2 * radius), 1]) @ view
