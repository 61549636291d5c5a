"""The sheet of pictures that signs, screens, posters, shelves and house fronts are cut from."""

import cv2
import numpy as np

from outfits import CLOTHS


def print_sheet(rng):
    """1024x1024 RGB of 4x4 tiles: signs with words, screens, posters, shelves of goods, windows of buildings."""
    sheet = np.zeros((1024, 1024, 3), np.uint8)
    words = [
        "EXIT",
        "Arrivals",
        "Baggage",
        "A12",
        "Customs",
        "TAXI",
        "Gate 7",
        "Welcome",
        "SALE",
        "Info",
        "Belt 3",
        "Coffee",
        "14:35 LH 402",
        "On time",
        "Delayed",
        "Passport",
        "-50%",
        "OPEN",
        "Tickets",
        "Bus",
    ]
    for k in range(16):
        tile = np.zeros((256, 256, 3), np.uint8)
        tile[:] = rng.integers(0, 256, 3)
        kind = k % 4
        if kind == 0:  # sign or timetable
            tile[:] = (CLOTHS[rng.integers(len(CLOTHS))] ** 0.45 * 255).astype(np.uint8)
            for line in range(rng.integers(1, 9)):
                cv2.putText(
                    tile,
                    str(rng.choice(words)),
                    (8, 34 + 30 * line),
                    cv2.FONT_HERSHEY_SIMPLEX,
                    rng.uniform(0.5, 1.5),
                    [int(v) for v in rng.integers(0, 256, 3)],
                    int(rng.integers(1, 4)),
                    cv2.LINE_AA,
                )
        elif kind == 1:  # poster: blobs and gradients
            y, x = np.mgrid[0:256, 0:256] / 255.0
            tile = np.stack(
                [255 * np.clip(rng.random() * x + rng.random() * y + 0.3 * rng.random(), 0, 1) for _ in range(3)], 2
            ).astype(np.uint8)
            for _ in range(rng.integers(2, 9)):
                c = [int(v) for v in rng.integers(0, 256, 3)]
                centre = tuple(int(v) for v in rng.integers(0, 256, 2))
                if rng.random() < 0.5:
                    cv2.ellipse(
                        tile,
                        centre,
                        tuple(int(v) for v in rng.integers(8, 90, 2)),
                        rng.uniform(0, 180),
                        0,
                        360,
                        c,
                        -1,
                        cv2.LINE_AA,
                    )
                else:
                    cv2.rectangle(tile, centre, tuple(int(v) for v in rng.integers(0, 256, 2)), c, -1)
        elif kind == 2:  # goods on shelves
            rows = int(rng.integers(3, 7))
            for row in range(rows):
                x, base = 0, int(256 * (row + 1) / rows)
                while x < 256:
                    w, h = int(rng.integers(6, 34)), int(rng.integers(60 // rows, 230 // rows))
                    cv2.rectangle(
                        tile, (x, base - 4 - h), (x + w - 2, base - 4), [int(v) for v in rng.integers(0, 256, 3)], -1
                    )
                    cv2.rectangle(
                        tile,
                        (x + 2, base - 4 - h // 2),
                        (x + w - 5, base - 4 - h // 3),
                        [int(v) for v in rng.integers(0, 256, 3)],
                        -1,
                    )
                    x += w
                cv2.line(tile, (0, base - 2), (256, base - 2), (90, 90, 90), 4)
        else:  # a house front
            n, m = rng.integers(2, 7, 2)
            glass = [int(v) for v in rng.integers(20, 140, 3)]
            for i in range(n):
                for j in range(m):
                    a, b = (
                        (int(256 * (i + 0.2) / n), int(256 * (j + 0.2) / m)),
                        (int(256 * (i + 0.8) / n), int(256 * (j + 0.85) / m)),
                    )
                    cv2.rectangle(tile, a, b, [int(np.clip(v + rng.integers(-30, 31), 0, 255)) for v in glass], -1)
        sheet[256 * (k // 4) : 256 * (k // 4 + 1), 256 * (k % 4) : 256 * (k % 4 + 1)] = tile
    return sheet


def tile_uv(k):
    """Texture rectangle of a tile, upright on a wall."""
    x, y, e = (k % 4) / 4, (k // 4) / 4, 0.004
    return (x + e, y + 0.25 - e, x + 0.25 - e, y + e)
