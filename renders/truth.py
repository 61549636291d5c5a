"""Exact boxes and visibility of people and bags from what the renderer drew."""

import numpy as np


def extent(mask, scale):
    """[x1, y1, x2, y2] in pixels around the true cells of a mask that is `scale` times finer; None when empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    return [float(v) / scale for v in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)]


def extents(ids, scale):
    """Box and number of cells of every object in view, by id."""
    flat = ids.ravel()
    at = np.flatnonzero(flat < 60000)
    objects, y, x = flat[at], at // ids.shape[1], at % ids.shape[1]
    order = np.argsort(objects, kind="stable")
    objects, y, x = objects[order], y[order], x[order]
    starts = np.flatnonzero(np.r_[True, np.diff(objects.astype(int)) != 0]) if len(objects) else []
    found = {}
    for a, b in zip(starts, [*starts[1:], len(objects)]):
        found[int(objects[a])] = ([float(v) / scale for v in (x[a:b].min(), y[a:b].min(), x[a:b].max() + 1, y[a:b].max() + 1)], b - a)
    return found


def measure(renderer, camera, batch, ids, obj, seen):
    """Extent without occlusion, extent of the visible pixels, and the visible share of its pixels within the frame."""
    if obj not in seen:
        return None
    alone = renderer.alone(camera, batch, obj)
    cells = int(alone.sum())
    box, visible = seen[obj]
    full = extent(alone, renderer.fine) or box
    return full, box, min(1.0, visible / max(cells, 1))
