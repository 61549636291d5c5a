"""What people wear: palettes, pattern numbers of the shader, and the random draw of an outfit. Colours are linear."""

import numpy as np

PLAIN, STRIPES, PINSTRIPES, CHECKS, SKIN, MOTTLED = 0, 1, 2, 3, 4, 5
PRINT, BANDS, EYE = 14, 15, 16

SKINS = np.array(
    [
        (0.78, 0.53, 0.42),
        (0.68, 0.43, 0.31),
        (0.58, 0.35, 0.23),
        (0.44, 0.25, 0.15),
        (0.30, 0.16, 0.09),
        (0.17, 0.085, 0.05),
        (0.09, 0.045, 0.028),
    ]
)
HAIRS = np.array(
    [
        (0.012, 0.010, 0.009),
        (0.03, 0.018, 0.012),
        (0.08, 0.04, 0.02),
        (0.2, 0.11, 0.05),
        (0.45, 0.30, 0.14),
        (0.35, 0.34, 0.33),
        (0.62, 0.61, 0.60),
        (0.22, 0.06, 0.025),
    ]
)
CLOTHS = np.array(
    [
        (0.02, 0.02, 0.022),
        (0.05, 0.05, 0.055),
        (0.12, 0.12, 0.125),
        (0.3, 0.3, 0.3),
        (0.6, 0.6, 0.58),
        (0.82, 0.81, 0.78),
        (0.02, 0.03, 0.08),
        (0.04, 0.08, 0.2),
        (0.1, 0.2, 0.42),
        (0.25, 0.4, 0.6),
        (0.3, 0.02, 0.03),
        (0.55, 0.05, 0.05),
        (0.65, 0.2, 0.22),
        (0.06, 0.13, 0.06),
        (0.15, 0.25, 0.1),
        (0.35, 0.28, 0.17),
        (0.55, 0.45, 0.3),
        (0.16, 0.09, 0.05),
        (0.6, 0.4, 0.05),
        (0.65, 0.22, 0.03),
        (0.2, 0.06, 0.22),
        (0.5, 0.3, 0.5),
        (0.05, 0.25, 0.27),
    ]
)


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
    head = rng.choice(
        ["hair", "cap", "beanie", "hood", "scarf", "helmet", "bald"],
        p=[0.76, 0.06, 0.04, 0.03, 0.08, 0.0, 0.03] if woman else [0.72, 0.11, 0.05, 0.04, 0.0, 0.01, 0.07],
    )
    outfit = {
        "skin": skin,
        "hair": hair * rng.uniform(0.7, 1.2),
        "top": top,
        "bottom": bottom,
        "head": head,
        "top_colour": cloth(),
        "top_second": cloth(),
        "bottom_colour": cloth(),
        "shoe_colour": cloth() * 0.6,
        "head_colour": cloth(),
        "top_pattern": int(
            rng.choice([PLAIN, STRIPES, PINSTRIPES, CHECKS, MOTTLED, PRINT], p=[0.52, 0.09, 0.05, 0.1, 0.08, 0.16])
        ),
        "bottom_pattern": int(rng.choice([PLAIN, MOTTLED, CHECKS, PINSTRIPES], p=[0.7, 0.2, 0.05, 0.05])),
        "pattern_scale": float(rng.uniform(8, 40)),
        "long_hair": bool(rng.random() < (0.62 if woman else 0.06)),
        "hair_end": float(rng.uniform(0.34, 0.64)),
        "volume": float(rng.uniform(0.006, 0.03)),
        "mask": bool(rng.random() < 0.1),
        "glasses": bool(rng.random() < 0.25),
        "loose": float(rng.uniform(0.0, 1.0)),
        "skirt_end": float(rng.choice([-0.28, -0.4, -0.55, -0.7])),
        "coat_end": float(rng.uniform(-0.48, -0.2)),
        "sleeve": float(rng.uniform(0.3, 0.55)) if top == "tee" else (0.7 if rng.random() < 0.15 else 1.0),
        "open": bool(rng.random() < 0.4),
        "beard": 0.0 if woman or child else float(rng.choice([0, 0, 0.3, 0.9])),
        "vest": False,
        "print_seed": float(rng.uniform(0, 9)),
    }
    if uniform is not None:
        outfit |= {
            "top": rng.choice(["shirt", "jacket"]),
            "bottom": "trousers",
            "top_colour": uniform[0],
            "bottom_colour": uniform[1],
            "top_pattern": PLAIN,
            "bottom_pattern": PLAIN,
        }
    if rng.random() < 0.04 or (uniform is not None and rng.random() < 0.2):
        outfit |= {"vest": True, "head": rng.choice([outfit["head"], "helmet"])}
    return outfit
