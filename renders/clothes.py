"""Dresses bodies: skin, hair, garments, hats, masks and glasses become one posable figure.

Garments are the body model's second skin, pushed outwards along its normals where cloth lies and coloured by region; skirts,
coats and robes are its skirt dummy, cut to length. Positions that decide (hems, sleeves, hairlines) are those of the neutral
body in metres, which every vertex carries as its pattern coordinate.
"""

from dataclasses import dataclass, field

import numpy as np

import gait
from bodies import INDEX, model
from renderer import Mesh

PLAIN, STRIPES, PINSTRIPES, CHECKS, SKIN, MOTTLED = 0, 1, 2, 3, 4, 5
PRINT, BANDS, EYE = 14, 15, 16
ANKLE = -0.745
ARM = np.array([[0.168, -0.015, 0.525], [0.313, -0.013, 0.349], [0.431, -0.176, 0.245]])  # shoulder, elbow, wrist

SKINS = np.array([(0.78, 0.53, 0.42), (0.68, 0.43, 0.31), (0.58, 0.35, 0.23), (0.44, 0.25, 0.15), (0.30, 0.16, 0.09),
                  (0.17, 0.085, 0.05), (0.09, 0.045, 0.028)])  # fmt: skip
HAIRS = np.array([(0.012, 0.010, 0.009), (0.03, 0.018, 0.012), (0.08, 0.04, 0.02), (0.2, 0.11, 0.05), (0.45, 0.30, 0.14),
                  (0.35, 0.34, 0.33), (0.62, 0.61, 0.60), (0.22, 0.06, 0.025)])  # fmt: skip
CLOTHS = np.array([(0.02, 0.02, 0.022), (0.05, 0.05, 0.055), (0.12, 0.12, 0.125), (0.3, 0.3, 0.3), (0.6, 0.6, 0.58),
                   (0.82, 0.81, 0.78), (0.02, 0.03, 0.08), (0.04, 0.08, 0.2), (0.1, 0.2, 0.42), (0.25, 0.4, 0.6),
                   (0.3, 0.02, 0.03), (0.55, 0.05, 0.05), (0.65, 0.2, 0.22), (0.06, 0.13, 0.06), (0.15, 0.25, 0.1),
                   (0.35, 0.28, 0.17), (0.55, 0.45, 0.3), (0.16, 0.09, 0.05), (0.6, 0.4, 0.05), (0.65, 0.22, 0.03),
                   (0.2, 0.06, 0.22), (0.5, 0.3, 0.5), (0.05, 0.25, 0.27)])  # fmt: skip


@dataclass
class Figure:
    """A dressed body at rest, ready to be posed; `materials` are arguments of `renderer.Materials.add`."""

    body: object
    rest: np.ndarray
    normals: np.ndarray
    weights: np.ndarray
    coordinates: np.ndarray
    triangles: np.ndarray
    local_materials: np.ndarray
    materials: list
    outfit: dict
    rows: np.ndarray = field(default=None)

    def register(self, table):
        """Enters the materials into the scene's table."""
        self.rows = np.array([table.add(**m) for m in self.materials], np.uint16)

    def posed(self, pose, position, heading, obj, ground=0.0):
        """The mesh in the world, lowest point on the ground, facing `heading` (radians, clockwise from +y), and joints."""
        rotation, joints = gait.transforms(self.body, pose)
        turn = gait.axis_rotation(2, np.pi - heading)
        rotation, joints = turn @ rotation, joints @ turn.T
        shift = joints - np.einsum("sij,sj->si", rotation, self.body.joints)
        affine = np.concatenate([rotation, shift[:, :, None]], 2).reshape(len(joints), 12).astype(np.float32)
        blended = (self.weights @ affine).reshape(-1, 3, 4)
        points = (blended[:, :, :3] @ self.rest[:, :, None])[:, :, 0] + blended[:, :, 3]
        normals = (blended[:, :, :3] @ self.normals[:, :, None])[:, :, 0]
        offset = np.array([position[0], position[1], ground - points[:, 2].min()], np.float32)
        mesh = Mesh(points + offset, normals, self.coordinates, self.triangles, self.rows[self.local_materials],
                    np.full(len(self.triangles), obj, np.uint16))  # fmt: skip
        return mesh, joints + offset


class Tailor:
    """Collects the pieces of one figure."""

    def __init__(self, body):
        self.body, self.data = body, model(body.fine)
        self.p = self.data["vertices"]
        self.pieces, self.materials = [], []
        self.normals = {}

    def material(self, colour, **more):
        """A material's number within the figure."""
        self.materials.append({"colour": tuple(np.clip(colour, 0.003, 0.95)), **more})
        return len(self.materials) - 1

    def part_normals(self, part):
        """Normals at rest of the vertices of a part."""
        if part not in self.normals:
            self.normals[part] = vertex_normals(self.body.vertices, self.data["parts"][part])
        return self.normals[part]

    def piece(self, part, material, keep=None, push=0.0, scale=None, smooth=0):
        """Adds the triangles `keep` of a part, pushed outwards; `material` is a number or one per triangle of the part.

        `smooth` rounds of averaging with the neighbours stretch it like cloth.
        """
        faces, normals = self.data["parts"][part], self.part_normals(part)
        material = np.broadcast_to(np.asarray(material), len(faces))
        if keep is not None:
            faces, material = faces[keep], material[keep]
        if not len(faces):
            return
        used, local = np.unique(faces, return_inverse=True)
        push = np.broadcast_to(np.asarray(push, np.float32), len(self.p))[used, None]
        points = self.body.vertices[used] + normals[used] * push
        if scale is not None:
            points = points * scale[used]
        edges = np.concatenate([local.reshape(-1, 3)[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2))])
        count = np.bincount(edges[:, 0], minlength=len(used))[:, None]
        for _ in range(smooth):
            mean = np.stack([np.bincount(edges[:, 0], points[edges[:, 1], k], len(used)) for k in range(3)], 1) / count
            points = np.stack([mean[:, 0], np.minimum(mean[:, 1], points[:, 1] * 0.3 + mean[:, 1] * 0.7), mean[:, 2]], 1).astype(np.float32)
        self.pieces.append((points, normals[used], self.data["weights"][used], self.p[used], local.reshape(-1, 3), material))

    def rigid(self, points, faces, segment, material, coordinates=None):
        """Adds a solid that moves with one segment; flat shaded."""
        points = np.asarray(points, np.float32)[np.asarray(faces)].reshape(-1, 3)
        faces = np.arange(len(points)).reshape(-1, 3)
        weights = np.zeros((len(points), len(INDEX)), np.float32)
        weights[:, INDEX[segment]] = 1
        normals = vertex_normals(points, faces)
        self.pieces.append((points, normals, weights, points if coordinates is None else coordinates, faces,
                            np.full(len(faces), material)))  # fmt: skip

    def centres(self, part):
        """Centres of the triangles of a part on the neutral body."""
        return self.p[self.data["parts"][part]].mean(1)

    def figure(self, outfit):
        """All pieces as one."""
        starts = np.cumsum([0] + [len(x[0]) for x in self.pieces[:-1]])
        join = [np.concatenate([x[i] for x in self.pieces]).astype(np.float32) for i in range(4)]
        triangles = np.concatenate([x[4] + s for x, s in zip(self.pieces, starts)])
        local = np.concatenate([x[5] for x in self.pieces])
        return Figure(self.body, *join, triangles, local, self.materials, outfit)


def vertex_normals(points, faces):
    """Area-weighted normals; zero where no face is."""
    corners = points[faces]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros((len(points), 3))
    for axis in range(3):
        total[:, axis] = np.bincount(faces.ravel(), np.repeat(face[:, axis], 3), len(points))
    return (total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def along_arm(p, weights):
    """How far down the arm each vertex lies (0 shoulder, 1 wrist); -1 off the arms."""
    side = np.abs(p) * [1, 0, 0] + p * [0, 1, 1]
    shoulder, elbow, wrist = ARM
    a, b = np.linalg.norm(elbow - shoulder), np.linalg.norm(wrist - elbow)
    upper = (side - shoulder) @ (elbow - shoulder) / a
    lower = a + (side - elbow) @ (wrist - elbow) / b
    w = {n: weights[:, [INDEX[f"{n}.L"], INDEX[f"{n}.R"]]].sum(1) for n in ("arm", "forearm", "hand")}
    t = np.where(w["forearm"] + w["hand"] > w["arm"], lower, upper) / (a + b)
    return np.where(w["arm"] + w["forearm"] + w["hand"] > 0.5, np.clip(t, 0, 1.3), -1.0)


def random_outfit(rng, shape, uniform=None):
    """Draws what someone wears. `uniform`: a fixed (top, bottom) pair of colours, for guards, cleaners and workers."""
    woman, child = shape["gender"] > 0.5, shape["age"] < 0.5

    def cloth():
        base = CLOTHS[rng.integers(len(CLOTHS))]
        if rng.random() < 0.35:
            base = CLOTHS[rng.integers(8)]
        return np.clip(base * rng.uniform(0.7, 1.35) * (1 + rng.normal(0, 0.08, 3)), 0.008, 0.9)

    dark = shape.get("african", 0)
    tone = np.clip(rng.normal(1.5 + 3.6 * dark - 0.6 * shape.get("caucasian", 0), 0.9), 0, len(SKINS) - 1.01)
    i, f = int(tone), tone % 1
    skin = (SKINS[i] * (1 - f) + SKINS[i + 1] * f) * rng.uniform(0.9, 1.1)
    hair = HAIRS[rng.choice(len(HAIRS), p=[0.34, 0.22, 0.16, 0.1, 0.06, 0.05, 0.02, 0.05])]
    if shape["age"] > 0.85:
        hair = HAIRS[rng.choice([5, 6, 6, 0])]
    bottoms = ["trousers", "shorts", "skirt", "robe"]
    bottom = rng.choice(bottoms, p=[0.72, 0.06, 0.18, 0.04] if woman else [0.85, 0.12, 0.0, 0.03])
    top = rng.choice(["shirt", "tee", "sweater", "jacket", "coat"], p=[0.2, 0.24, 0.2, 0.24, 0.12])
    head = rng.choice(["hair", "cap", "beanie", "hood", "scarf", "helmet", "bald"],
                      p=[0.76, 0.06, 0.04, 0.03, 0.08, 0.0, 0.03] if woman else [0.72, 0.11, 0.05, 0.04, 0.0, 0.01, 0.07])
    outfit = {
        "skin": skin, "hair": hair * rng.uniform(0.7, 1.2), "top": top, "bottom": bottom, "head": head,
        "top_colour": cloth(), "top_second": cloth(), "bottom_colour": cloth(), "shoe_colour": cloth() * 0.6,
        "head_colour": cloth(), "top_pattern": int(rng.choice([PLAIN, STRIPES, PINSTRIPES, CHECKS, MOTTLED, PRINT],
                                                              p=[0.52, 0.09, 0.05, 0.1, 0.08, 0.16])),
        "bottom_pattern": int(rng.choice([PLAIN, MOTTLED, CHECKS, PINSTRIPES], p=[0.7, 0.2, 0.05, 0.05])),
        "pattern_scale": float(rng.uniform(8, 40)), "long_hair": bool(rng.random() < (0.62 if woman else 0.06)),
        "hair_end": float(rng.uniform(0.34, 0.64)), "volume": float(rng.uniform(0.006, 0.03)),
        "mask": bool(rng.random() < 0.1), "glasses": bool(rng.random() < 0.25), "loose": float(rng.uniform(0.0, 1.0)),
        "skirt_end": float(rng.choice([-0.28, -0.4, -0.55, -0.7])), "coat_end": float(rng.uniform(-0.48, -0.2)),
        "sleeve": float(rng.uniform(0.3, 0.55)) if top == "tee" else (0.7 if rng.random() < 0.15 else 1.0),
        "open": bool(rng.random() < 0.4), "beard": 0.0 if woman or child else float(rng.choice([0, 0, 0.3, 0.9])),
        "vest": False, "print_seed": float(rng.uniform(0, 9)),
    }  # fmt: skip
    if uniform is not None:
        outfit |= {"top": rng.choice(["shirt", "jacket"]), "bottom": "trousers", "top_colour": uniform[0],
                   "bottom_colour": uniform[1], "top_pattern": PLAIN, "bottom_pattern": PLAIN}  # fmt: skip
    if rng.random() < 0.04 or (uniform is not None and rng.random() < 0.2):
        outfit |= {"vest": True, "head": rng.choice([outfit["head"], "helmet"])}
    return outfit


def dress(body, outfit):
    """The figure of a body in an outfit."""
    tailor = Tailor(body)
    skin = tailor.material(outfit["skin"], kind=SKIN, second=tuple(outfit["hair"]), gloss=0.12, extra=outfit["beard"])
    limb = tailor.material(outfit["skin"] * 0.97, gloss=0.1, mottle=0.1)
    tailor.piece("head", skin)
    tailor.piece("hands", limb)
    if body.fine:
        tailor.piece("eyes", tailor.material(outfit.get("iris", (0.08, 0.04, 0.02)), kind=EYE, gloss=0.9))
    cloth(tailor, outfit, limb)
    head_wear(tailor, outfit)
    return tailor.figure(outfit)


def cloth(tailor, outfit, limb):
    """Top, bottom and shoes."""
    scale = outfit["pattern_scale"]
    top = tailor.material(
        outfit["top_colour"], kind=outfit["top_pattern"], second=tuple(outfit["top_second"]), scale=scale, bump=0.26,
        mottle=0.25, third=tuple(outfit["top_second"][::-1]), extra=outfit["print_seed"],
    )  # fmt: skip
    bottom = tailor.material(
        outfit["bottom_colour"], kind=outfit["bottom_pattern"], second=tuple(outfit["bottom_colour"] * 1.6), scale=scale,
        bump=0.22, mottle=0.2,
    )  # fmt: skip
    shoe = tailor.material(outfit["shoe_colour"], gloss=0.25)
    inner = tailor.material(outfit["top_second"], bump=0.3)
    p, data = tailor.p, tailor.data
    arm, outer = along_arm(p, data["weights"]), outfit["top"] in ("jacket", "coat", "sweater")
    robe, hem = outfit["bottom"] == "robe", (-0.05 if outer else 0.0)
    z = p[:, 2]
    leg_end = {"trousers": ANKLE, "shorts": -0.34, "skirt": -0.03, "robe": ANKLE}[outfit["bottom"]]
    thick = (0.022 if outer else 0.006) + 0.014 * outfit["loose"] * (1.0 if outer else 0.6)
    is_arm = arm >= 0
    top_here = (is_arm & (arm <= outfit["sleeve"])) | (~is_arm & (z > hem))
    bottom_here = ~is_arm & ~top_here & (z > leg_end)
    loose = 0.004 + 0.016 * outfit["loose"] * np.clip((0.0 - z) / 0.3, 0, 1)
    push = np.where(top_here, thick, np.where(bottom_here, loose, -0.007))
    push = np.where(z < ANKLE + 0.01, 0.006, push)
    push = np.where(~is_arm & (z > 0.52), np.minimum(push, 0.008), push)  # the collar keeps close

    centre = tailor.centres("tights")
    faces = data["parts"]["tights"]
    arm_face = arm[faces].mean(1)
    on_arm = (arm[faces] >= 0).sum(1) >= 2
    kinds = np.where(on_arm, np.where(arm_face <= outfit["sleeve"], top, limb), np.where(centre[:, 2] > hem, top, bottom))
    kinds = np.where(~on_arm & (centre[:, 2] < leg_end), limb, kinds)
    kinds = np.where(centre[:, 2] < ANKLE + 0.02, shoe, kinds)
    neck = (centre[:, 2] > (0.575 if outer else 0.56)) & ~on_arm
    kinds = np.where(neck, limb if outfit["top"] == "tee" else kinds, kinds)
    if outfit["open"] and outer:  # an open jacket shows what is below
        front = ~on_arm & (centre[:, 1] < -0.05) & (np.abs(centre[:, 0]) < 0.035 + 0.02 * outfit["loose"]) & (centre[:, 2] > hem)
        kinds = np.where(front, inner, kinds)
    if outfit["vest"]:
        vest = tailor.material((0.75, 0.95, 0.08) if outfit["loose"] > 0.4 else (0.95, 0.32, 0.04), kind=BANDS,
                               second=(0.85, 0.85, 0.85), glow=0.08)  # fmt: skip
        kinds = np.where(~on_arm & (centre[:, 2] > -0.02) & (centre[:, 2] < 0.55), vest, kinds)
    if robe:
        kinds = np.where(kinds == bottom, top, kinds)
    tailor.piece("tights", kinds, push=push)
    skirt_end = {"skirt": outfit["skirt_end"], "robe": -0.72}.get(outfit["bottom"])
    coat = outfit["top"] == "coat"
    if skirt_end is not None or coat:
        drop = tailor.centres("skirt")[:, 2]
        end = skirt_end if skirt_end is not None else outfit["coat_end"]
        narrow = np.ones((len(p), 3), np.float32)
        width = (0.95 if robe else 0.8 if coat and skirt_end is None else 0.72 + 0.3 * outfit["loose"])
        narrow[:, :2] = 1 + (width - 1) * np.clip((0.05 - z) / 0.35, 0, 1)[:, None]
        material = top if (robe or (coat and skirt_end is None)) else bottom
        tailor.piece("skirt", material, (drop > end) & (drop < (0.15 if coat or robe else 0.09)), 0.012 if coat else 0.0, narrow)


def scalp(p):
    """Where hair grows on the neutral head."""
    y, z = p[:, 1], p[:, 2]
    line = np.interp(y, [-0.16, -0.14, -0.09, -0.04, -0.01, 0.02, 0.05], [0.81, 0.797, 0.775, 0.75, 0.712, 0.67, 0.64])
    return z > line


def long_hair(p, end):
    """Which triangles of the hair dummy stay: those above its end that do not hang before the face."""
    before = (p[:, 1] < -0.055) & (np.abs(p[:, 0]) < 0.075) & (p[:, 2] < 0.80)
    return (p[:, 2] > end) & ~before & ~((p[:, 1] < -0.03) & (p[:, 2] < 0.72))


def head_wear(tailor, outfit):
    """Hair or hat, mask and glasses."""
    centre, kind = tailor.centres("head"), outfit["head"]
    p, scale = tailor.p, np.ptp(tailor.body.vertices[:, 2]) / 1.67
    grows = scalp(centre)
    hair = tailor.material(outfit["hair"], kind=MOTTLED, second=tuple(outfit["hair"] * 1.7 + 0.004), scale=20.0, gloss=0.35, bump=0.5)
    top = np.clip((p[:, 2] - 0.65) / 0.2, 0, 1)
    if kind in ("hair", "beanie", "cap", "helmet", "hood"):
        tailor.piece("head", hair, grows, (0.004 + outfit["volume"] * top) * scale)
        if outfit["long_hair"] and kind != "hood":
            tailor.piece("hair", hair, long_hair(tailor.centres("hair"), outfit["hair_end"]), 0.0)
    worn = tailor.material(outfit["head_colour"], bump=0.3, mottle=0.2)
    if kind in ("cap", "beanie", "helmet"):
        edge = {"cap": 0.787, "beanie": 0.772, "helmet": 0.792}[kind]
        if kind == "helmet":
            worn = tailor.material([(0.85, 0.6, 0.03), (0.85, 0.85, 0.85), (0.05, 0.15, 0.6)][int(outfit["print_seed"]) % 3], gloss=0.5)
        grow = {"cap": 0.016, "beanie": 0.018, "helmet": 0.034}[kind]
        tailor.piece("head", worn, centre[:, 2] > edge + 0.12 * np.clip(-centre[:, 1] - 0.12, 0, 1), (grow + outfit["volume"] * top) * scale)
        if kind != "beanie":
            brim(tailor, worn, edge, 0.075 if kind == "cap" else 0.045, kind == "helmet")
    if kind in ("scarf", "hood"):
        face = (centre[:, 1] < -0.085) & (np.abs(centre[:, 0]) < 0.062) & (centre[:, 2] > 0.615) & (centre[:, 2] < 0.80)
        tailor.piece("head", worn, ~face & (centre[:, 2] > 0.54), (0.016 + 0.02 * top) * scale)
        if kind == "scarf":
            arm = along_arm(p, tailor.data["weights"])[tailor.data["parts"]["tights"]].max(1)
            chest = tailor.centres("tights")
            tailor.piece("tights", worn, (chest[:, 2] > 0.46) & (arm < 0.15), 0.035 * scale)
    if outfit["mask"]:
        cover = (centre[:, 1] < -0.075) & (centre[:, 2] > 0.60) & (centre[:, 2] < 0.70) & (np.abs(centre[:, 0]) < 0.068)
        colour = [(0.8, 0.85, 0.9), (0.25, 0.5, 0.75), (0.02, 0.02, 0.02)][int(outfit["print_seed"] * 7) % 3]
        tailor.piece("head", tailor.material(colour, bump=0.25, mottle=0.1), cover, 0.012 * scale, smooth=6)
    if outfit["glasses"] and tailor.body.fine:
        glasses(tailor, outfit, scale)


def brim(tailor, material, edge, reach, around):
    """The peak of a cap or the rim of a helmet: a bent half or whole ring at the head's front."""
    ring = tailor.p[np.unique(tailor.data["parts"]["head"])]
    at = np.unique(tailor.data["parts"]["head"])[np.abs(ring[:, 2] - edge) < 0.012]
    points = tailor.body.vertices[at]
    centre, radius = points.mean(0), np.ptp(points, axis=0) / 2 + 0.012
    angles = np.linspace(-np.pi, np.pi, 33) if around else np.linspace(-1.1, 1.1, 13)
    inner = np.array([[centre[0] + radius[0] * np.sin(a), centre[1] - radius[1] * np.cos(a), centre[2]] for a in angles])
    outer = np.array([[centre[0] + (radius[0] + reach * (0.6 if around else 0.2)) * np.sin(a),
                       centre[1] - (radius[1] + reach) * np.cos(a), centre[2] - 0.018] for a in angles])  # fmt: skip
    n = len(angles)
    faces = [f for i in range(n - 1) for f in ((i, i + n, i + 1), (i + 1, i + n, i + n + 1))]
    tailor.rigid(np.concatenate([inner, outer]), faces, "head", material)


def glasses(tailor, outfit, scale):
    """Rims, bridge and temples around the eyes of this head; dark lenses for one in five."""
    eyes = tailor.body.vertices[np.unique(tailor.data["parts"]["eyes"])]
    left, right = (eyes[eyes[:, 0] * s > 0].mean(0) for s in (1, -1))
    wide, high = 0.026 * scale * (0.9 + 0.3 * outfit["loose"]), 0.019 * scale * (0.8 + 0.5 * (outfit["print_seed"] % 1))
    dark = outfit["print_seed"] % 2 < 0.4
    rim = tailor.material(tuple(outfit["head_colour"] * 0.3), gloss=0.5)
    lens = tailor.material((0.015, 0.015, 0.02), gloss=0.9)
    angles = np.linspace(0, 2 * np.pi, 25)[:-1]
    for eye in (left, right):
        centre = eye + np.array([0, -0.026, -0.002]) * scale
        loop = np.stack([np.sign(np.cos(angles)) * np.abs(np.cos(angles)) ** 0.7 * wide, 0.004 * np.cos(angles) ** 2,
                         np.sign(np.sin(angles)) * np.abs(np.sin(angles)) ** 0.7 * high], 1)  # fmt: skip
        tube(tailor, centre + loop, 0.0016 * scale * (0.7 + outfit["loose"]), rim, closed=True)
        if dark:
            points = np.concatenate([centre[None], centre + loop])
            tailor.rigid(points, [(0, 1 + i, 1 + (i + 1) % 24) for i in range(24)], "head", lens)
        side = np.sign(eye[0])
        hinge = centre + [side * wide, 0, high * 0.3]
        tube(tailor, np.array([hinge, hinge + np.array([side * 0.012, 0.05, 0.0]) * scale,
                               hinge + np.array([side * 0.010, 0.1, -0.01]) * scale]), 0.0014 * scale, rim)  # fmt: skip
    middle = (left + right) / 2 + np.array([0, -0.030, 0.003]) * scale
    gap = abs(left[0] - right[0]) / 2 - wide
    tube(tailor, np.array([middle + [-gap, 0.003, 0], middle + [0, -0.002, 0.003], middle + [gap, 0.003, 0]]), 0.0014 * scale, rim)


def tube(tailor, path, radius, material, closed=False):
    """A thin square tube along a path, fixed to the head."""
    path = np.vstack([path, path[:1]]) if closed else path
    corners = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * radius
    points, faces = [], []
    for i, point in enumerate(path):
        ahead = path[min(i + 1, len(path) - 1)] - path[max(i - 1, 0)]
        across = np.cross(ahead, [0.03, 1.0, 0.02])
        across = across / (np.linalg.norm(across) + 1e-9)
        up = np.cross(across, ahead / (np.linalg.norm(ahead) + 1e-9))
        points += [point + a * across + b * up for a, b in corners]
    for i in range(len(path) - 1):
        for k in range(4):
            a, b = 4 * i + k, 4 * i + (k + 1) % 4
            faces += [(a, b, a + 4), (b, b + 4, a + 4)]
    tailor.rigid(np.array(points), faces, "head", material)
