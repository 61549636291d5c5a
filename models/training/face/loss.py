"""Training loss: task-aligned assignment of faces to cells of a fitting level; score, box and points."""

import torch
import torch.nn.functional as F

from network import decode_boxes, decode_points
from overlap import area, generalised_iou, intersection_and_union

TOP_CELLS = 7
CENTRE_RADIUS = 1.5
# Sides of the faces (square root of the area, pixels) that each stride may learn.
LEVEL_RANGE = {8.0: (0.0, 72.0), 16.0: (36.0, 180.0), 32.0: (90.0, 1e9)}
BOX_WEIGHT = 2.5
POINT_WEIGHT = 20.0
POINT_BETA = 0.01


@torch.no_grad()
def assign(boxes, scores, labels, grid):
    """Soft target, assigned label (or -1) and ignored mask per cell.

    boxes [B, N, 4], scores [B, N], labels [B, M, 16]: corners, kind (1 = face, 2 = ignore, 0 = none),
    points (10), weight of the points.
    """
    centre = (grid[:, :2] + 0.5) * grid[:, 2:]
    stride = grid[:, 2]
    faces = labels[..., 4] == 1
    side = area(labels[..., :4]).sqrt()
    limits = torch.tensor([LEVEL_RANGE[float(s)] for s in stride.unique_consecutive()])
    limits = limits.repeat_interleave(stride.unique_consecutive(return_counts=True)[1], 0)
    fits = (side[..., None] >= limits[:, 0]) & (side[..., None] < limits[:, 1])
    middle = (labels[..., :2] + labels[..., 2:4]) / 2
    near = ((centre - middle[:, :, None]).abs() < (CENTRE_RADIUS * stride)[:, None]).all(-1)
    candidate = near & fits & faces[..., None]
    inter, union = intersection_and_union(boxes[:, None], labels[:, :, None, :4])
    iou = inter / union
    metric = scores[:, None].sqrt() * iou.pow(3) * candidate
    best = metric.topk(TOP_CELLS, dim=-1)
    chosen = torch.zeros_like(candidate).scatter_(-1, best.indices, best.values > 0)
    top_iou, owner = torch.where(chosen, iou, torch.full_like(iou, -1.0)).max(1)
    chosen &= torch.zeros_like(chosen).scatter_(1, owner[:, None], True)
    metric = metric * chosen
    peak = metric.amax(-1, keepdim=True).clamp(min=1e-9)
    target = (metric / peak * (iou * chosen).amax(-1, keepdim=True)).amax(1)
    low, high = labels[..., None, :2], labels[..., None, 2:4]
    within = ((centre > low) & (centre < high)).all(-1)
    ignored = (within & (labels[..., 4] == 2)[..., None]).any(1)
    return target * (top_iou > 0), owner, ignored


def detection_loss(raw, labels, grid):
    """Total loss and its three parts for raw [B, N, 15] and labels [B, M, 16]."""
    boxes = decode_boxes(raw, grid)
    logits = raw[..., 0]
    target, owner, ignored = assign(boxes.detach(), logits.detach().sigmoid(), labels, grid)
    positive = target > 0
    weight = (positive | ~ignored).float()
    total = target.sum().clamp(min=1.0)
    score = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).sum() / total

    matched = labels.gather(1, owner[..., None].expand(-1, -1, labels.shape[-1]))[positive]
    share = target[positive]
    box = ((1 - generalised_iou(boxes[positive], matched[:, :4])) * share).sum() / total
    side = area(matched[:, :4]).sqrt().clamp(min=1.0)
    error = (decode_points(raw, grid)[positive] - matched[:, 5:15].unflatten(-1, (5, 2))) / side[:, None, None]
    point = F.smooth_l1_loss(error, torch.zeros_like(error), beta=POINT_BETA, reduction="none").mean((1, 2))
    point = (point * share * matched[:, 15]).sum() / total
    return score + BOX_WEIGHT * box + POINT_WEIGHT * point, score.detach(), box.detach(), point.detach()
