"""The truth of the rendered hall: who is where in each picture and on the floor, bags, events, plan and calibration."""

from fractions import Fraction

import numpy as np

VISIBLE_MIN = 0.05
SEEN_MIN = 0.3  # share of a person that a camera must see to witness an event
CELLS_MIN = 30  # visible pixels
CLASSES = {"backpack": 1, "handbag": 2, "suitcase": 3}
FAR = 20.0  # metres that a field of view reaches
BOUNDS = {"west": (0, 0, 20, 14), "centre": (0, 0, 20, 14), "exit": (20, 0, 30, 14), "restroom": (0.3, 14, 10, 19)}
DOORS = [
    ("baggage-reclaim", (0.0, 5.0), (0.0, 8.0)),
    ("way-out", (30.0, 5.0), (30.0, 8.0)),
    ("control", (20.0, 4.2), (20.0, 9.8)),
    ("corridor", (1.0, 14.0), (3.5, 14.0)),
    ("restroom", (6.0, 19.0), (7.2, 19.0)),
]


def fraction(fps):
    """Frames a second as a ratio of small numbers."""
    return Fraction(fps).limit_denominator(1000)


def clip(polygon, low, high, axis):
    """Sutherland and Hodgman: the part of a polygon between two values of a coordinate."""
    for sign, bound in ((1, low), (-1, -high)):
        kept = []
        for a, b in zip(polygon, polygon[1:] + polygon[:1]):
            da, db = sign * a[axis] - bound, sign * b[axis] - bound
            if da >= 0:
                kept.append(a)
            if da * db < 0:
                t = da / (da - db)
                kept.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        polygon = kept
    return polygon


def field_of_view(name, camera):
    """Floor that a camera sees, walls aside: a polygon in metres."""
    w, h, ground = camera.width, camera.height, camera.on_floor
    x, y, _ = camera.position

    def reach(u, v):
        p = ground(u, v)
        return p is not None and np.hypot(p[0] - x, p[1] - y) < FAR

    tops = [next(v for v in range(h) if reach(u, v)) for u in (0, w)]
    corners = [ground(0, h), ground(w, h), ground(w, tops[1]), ground(0, tops[0])]
    x0, y0, x1, y1 = BOUNDS[name]
    return clip(clip(corners, x0, x1, 0), y0, y1, 1)


def crossings(walk, fps, axis, at):
    """(time, direction) whenever a walker's coordinate passes a value."""
    side = walk.place[:, axis] > at
    return [
        (k / fps, 1 if side[k] else -1) for k in np.flatnonzero(np.diff(side.astype(int)) != 0) + 1 if walk.present[k]
    ]


def events(script, cast):
    """All events (time, kind, who, further fields) in the order of time."""
    fps, found = script["fps"], []
    for walk in cast.walks:
        for at, way in crossings(walk, fps, 0, 0.0):
            found.append((at, "enter_hall" if way > 0 else "leave_hall", walk.id, {"door": "baggage-reclaim"}))
        for at, way in crossings(walk, fps, 0, 20.0):
            found.append((at, "pass_control", walk.id, {}))
        for at, way in crossings(walk, fps, 0, 30.0):
            found.append((at, "leave_hall", walk.id, {"door": "way-out"}))
        inside = crossings(walk, fps, 1, 19.0)
        for (at, way), after in zip(inside, [*inside[1:], None]):
            more = {"lasts_s": round(after[0] - at, 2)} if way > 0 and after else {}
            found.append((at, "enter_restroom" if way > 0 else "leave_restroom", walk.id, more))
        for at, deed in walk.deeds:
            words = deed.split()
            if deed == "turn back":
                found.append((at, "turn_back", walk.id, {}))
            elif words[0] == "set":
                found.append((at, "bag_set_down", walk.id, {"bag": int(words[2])}))
            elif words[0] == "take":
                found.append((at, "bag_taken", walk.id, {"bag": int(words[1]), "owner": owner(script, int(words[1]))}))
            elif words[0] == "give":
                found.append((at, "bag_handed_over", walk.id, {"bag": int(words[1]), "to": int(words[3])}))
    return sorted(found, key=lambda e: (round(e[0], 3), e[2]))


def owner(script, bag):
    """Whose a bag is."""
    return next(b["owner"] for b in script["bag"] if b["id"] == bag)


def toml(value):
    """A value as TOML writes it; numbers of any library, lists, texts."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple, np.ndarray)):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    return f"{float(value):.9g}"


def table(name, /, **fields):
    """A table of an array of tables; fields that are None are left out."""
    return f"\n[[{name}]]\n" + "".join(f"{key} = {toml(v)}\n" for key, v in fields.items() if v is not None)


def metres(points):
    """Points to the centimetre."""
    return [[round(float(v), 2) for v in point] for point in points]


def write_boxes(folder, views, cast):
    """MOT files of people and of bags."""
    (folder / "gt").mkdir(exist_ok=True)
    for view in views:
        for suffix, rows in (("", view.people), ("-bags", view.bags)):
            lines = []
            for frame, obj, (x1, y1, x2, y2), visible, cells in rows:
                if visible >= VISIBLE_MIN and cells >= CELLS_MIN:
                    label = 1 if obj < 100 else CLASSES[cast.bags[obj].kind]
                    place = f"{x1:.0f},{y1:.0f},{x2 - x1:.0f},{y2 - y1:.0f}"
                    lines.append(f"{frame},{obj},{place},1,{label},{visible:.2f}\n")
            (folder / "gt" / f"{view.name}{suffix}.txt").write_text("".join(lines))


def seen_people(folder, name):
    """(frame, person) of everyone of whom a camera sees enough, from the written boxes."""
    rows = [line.split(",") for line in (folder / "gt" / f"{name}.txt").read_text().splitlines()]
    return {(int(row[0]), int(row[1])) for row in rows if float(row[8]) >= SEEN_MIN}


def write_floor(folder, cast):
    """Floor positions of everyone in the building."""
    lines = []
    for frame in range(len(cast.walks[0].present)):
        for walk in cast.walks:
            x, y = walk.place[frame]
            if walk.present[frame] and 0 <= x <= 30:
                lines.append(f"{frame + 1},{walk.id},{x:.2f},{y:.2f}\n")
    (folder / "floor.txt").write_text("".join(lines))


def write_events(folder, script, cast, cameras):
    """Events with the cameras that see the person at that moment."""
    seen = {name: seen_people(folder, name) for name in cameras}
    out = [
        f"# What happens, in the order of time. `cameras` see at least {SEEN_MIN:.0%} of the person at that frame.\n"
    ]
    for at, kind, who, more in events(script, cast):
        frame = min(int(at * script["fps"]) + 1, len(cast.walks[0].present))
        place = next(w for w in cast.walks if w.id == who).place[frame - 1]
        by = [name for name in cameras if (frame, who) in seen[name]]
        fields = {"kind": kind, "who": who, "seconds": round(float(at), 2), "frame": frame, "cameras": by}
        out.append(table("event", **fields, place=metres([place])[0], **more))
    (folder / "events.toml").write_text("".join(out))


def write_bags(folder, script, cast):
    """Owners and holders of bags over time."""
    out = ["# Who carries each bag when, in seconds; one that nobody carries stands on the floor at `place`.\n"]
    for bag in script["bag"]:
        out.append(table("bag", id=bag["id"], kind=bag["class"], owner=bag["owner"]))
        for start, end, holder, spot, _ in cast.holds[bag["id"]]:
            place = None if spot is None else metres([spot])[0]
            times = {"from": round(float(start), 2), "to": round(float(end), 2)}
            out.append(table("bag.held", **times, by=holder, place=place))
    (folder / "bags.toml").write_text("".join(out))


def write_plan(folder, script, cameras):
    """Plan, zones, doors and calibration."""
    one = next(iter(cameras.values()))
    head = {
        "frames": int(round(script["seconds"] * script["fps"])),
        "fps": script["fps"],
        "width": one.width,
        "height": one.height,
        "people": len(script["walker"]),
        "groups": script["group"],
        "alike": script["alike"],
    }
    out = ["# The rendered hall. Metres: x east, y north, z up. Pixels from the top left corner, centres at halves.\n"]
    out += [f"{key} = {toml(value)}\n" for key, value in head.items()]
    out += [table("door", name=name, **{"from": a, "to": b}) for name, a, b in DOORS]
    out += [table("zone", **zone) for zone in script["zone"]]
    out.append(
        "\n# `homography` takes pixels to metres on the floor. A point X is seen at K R (X - position):\n"
        "# K = `intrinsics`, R = `rotation` with the rows right, down, ahead.\n"
        "# `field_of_view` is the floor in view, walls aside.\n"
    )
    for name, camera in cameras.items():
        out.append(
            table(
                "camera",
                name=name,
                file=f"{name}.mp4",
                homography=camera.floor_homography().ravel(),
                intrinsics=camera.intrinsics().ravel(),
                rotation=camera.rotation().ravel(),
                position=camera.position,
                field_of_view=metres(field_of_view(name, camera)),
            )
        )
    (folder / "hall.toml").write_text("".join(out))


def write_texts(folder, script, cast, cameras):
    """All files of truth but the boxes, which must be there already."""
    write_floor(folder, cast)
    write_events(folder, script, cast, cameras)
    write_bags(folder, script, cast)
    write_plan(folder, script, cameras)
