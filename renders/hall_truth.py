"""The truth files of the rendered hall: who is where in which picture and on the floor, bags, events, calibration, plan."""

from fractions import Fraction

import numpy as np

VISIBLE_MIN = 0.05
CELLS_MIN = 30  # visible pixels
CLASSES = {"backpack": 1, "handbag": 2, "suitcase": 3}
FAR = 20.0  # metres that a field of view reaches
BOUNDS = {"west": (0, 0, 20, 14), "centre": (0, 0, 20, 14), "exit": (20, 0, 30, 14), "restroom": (0.3, 14, 10, 19)}
DOORS = [("baggage-reclaim", (0.0, 5.0), (0.0, 8.0)), ("way-out", (30.0, 5.0), (30.0, 8.0)), ("control", (20.0, 4.2), (20.0, 9.8)),
         ("corridor", (1.0, 14.0), (3.5, 14.0)), ("restroom", (6.0, 19.0), (7.2, 19.0))]  # fmt: skip


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
    return [(k / fps, 1 if side[k] else -1) for k in np.flatnonzero(np.diff(side.astype(int)) != 0) + 1 if walk.present[k]]


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
            more = {"seconds": round(after[0] - at, 2)} if way > 0 and after else {}
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


def numbers(values, digits=3):
    """A TOML list of numbers."""
    return "[" + ", ".join(f"{float(v):.{digits}f}" for v in values) + "]"


def write_boxes(folder, views, cast):
    """MOT files of people and of bags."""
    (folder / "gt").mkdir(exist_ok=True)
    for view in views:
        for suffix, rows in (("", view.people), ("-bags", view.bags)):
            lines = []
            for frame, obj, (x1, y1, x2, y2), visible, cells in rows:
                if visible >= VISIBLE_MIN and cells >= CELLS_MIN:
                    label = 1 if obj < 100 else CLASSES[cast.bags[obj].kind]
                    lines.append(f"{frame},{obj},{x1:.0f},{y1:.0f},{x2 - x1:.0f},{y2 - y1:.0f},1,{label},{visible:.2f}\n")
            (folder / "gt" / f"{view.name}{suffix}.txt").write_text("".join(lines))


def write_floor(folder, cast):
    """Floor positions of everyone in the building."""
    lines = []
    for frame in range(len(cast.walks[0].present)):
        for walk in cast.walks:
            x, y = walk.place[frame]
            if walk.present[frame] and 0 <= x <= 30:
                lines.append(f"{frame + 1},{walk.id},{x:.2f},{y:.2f}\n")
    (folder / "floor.txt").write_text("".join(lines))


def write_events(folder, script, cast, views):
    """Events with the cameras that see the person at that moment."""
    seen = {view.name: {(frame, who) for frame, who, _, visible, _ in view.people if visible >= 0.3} for view in views}
    out = ["# What happens, in the order of time. `cameras`: those that see at least 30 % of the person at that frame (from 1).\n"]
    for at, kind, who, more in events(script, cast):
        frame = min(int(at * script["fps"]) + 1, len(cast.walks[0].present))
        x, y = next(w for w in cast.walks if w.id == who).place[frame - 1]
        cameras = ", ".join(f'"{name}"' for name in seen if (frame, who) in seen[name])
        extra = "".join(f"{key} = {value!r}\n".replace("'", '"') for key, value in more.items())
        out.append(f'\n[[event]]\nkind = "{kind}"\nwho = {who}\nseconds = {at:.2f}\nframe = {frame}\nplace = {numbers((x, y), 2)}\ncameras = [{cameras}]\n{extra.replace("seconds =", "lasts_s =")}')
    (folder / "events.toml").write_text("".join(out))


def write_bags(folder, script, cast):
    """Owners and holders of bags over time."""
    out = ["# Bags: `[[bag.held]]` says who carries it from when to when (seconds); without `by` it stands on the floor at `place`.\n"]
    for bag in script["bag"]:
        out.append(f'\n[[bag]]\nid = {bag["id"]}\nclass = "{bag["class"]}"\nowner = {bag["owner"]}\n')
        for start, end, holder, spot, _ in cast.holds[bag["id"]]:
            who = f"by = {holder}" if holder is not None else f"place = {numbers(spot, 2)}"
            out.append(f"\n[[bag.held]]\nfrom = {start:.2f}\nto = {end:.2f}\n{who}\n")
    (folder / "bags.toml").write_text("".join(out))


def write_plan(folder, script, views):
    """Plan, people, zones, doors and calibration."""
    groups = ", ".join(str(g) for g in script["group"])
    out = [f"# The rendered hall: metres, x east, y north, z up; pixels from the top left corner, centres at half numbers.\n"
           f"frames = {int(round(script['seconds'] * script['fps']))}\nfps = {script['fps']}\nwidth = {views[0].camera.width}\nheight = {views[0].camera.height}\n"
           f"people = {len(script['walker'])}\ngroups = [{groups}]\nalike = {script['alike']}\n"]  # fmt: skip
    for name, a, b in DOORS:
        out.append(f'\n[[door]]\nname = "{name}"\nfrom = {numbers(a, 2)}\nto = {numbers(b, 2)}\n')
    for zone in script["zone"]:
        points = ", ".join(numbers(p, 2) for p in zone["polygon"])
        out.append(f'\n[[zone]]\nname = "{zone["name"]}"\npolygon = [{points}]\n')
    for view in views:
        camera = view.camera
        rows = lambda matrix, digits: "[" + ", ".join(f"{v:.{digits}g}" for v in np.asarray(matrix).ravel()) + "]"  # noqa: E731
        seen = ", ".join(numbers(p, 2) for p in field_of_view(view.name, camera))
        out.append(
            f'\n[[camera]]\nname = "{view.name}"\nfile = "{view.name}.mp4"\n# Pixels to metres on the floor, row by row.\n'
            f"homography = {rows(camera.floor_homography(), 10)}\n# x = K R (X - position): K in pixels, R takes world axes to right, down, ahead.\n"
            f"intrinsics = {rows(camera.intrinsics(), 8)}\nrotation = {rows(camera.rotation(), 9)}\nposition = {numbers(camera.position)}\n"
            f"# Floor in view, walls aside.\nfield_of_view = [{seen}]\n"
        )  # fmt: skip
    (folder / "hall.toml").write_text("".join(out))


def write(folder, script, cast, views):
    """All files of truth."""
    write_boxes(folder, views, cast)
    write_floor(folder, cast)
    write_events(folder, script, cast, views)
    write_bags(folder, script, cast)
    write_plan(folder, script, views)
