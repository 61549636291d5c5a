"""Overlap of boxes as tensors (corners in the last dimension)."""

import torch


def area(boxes):
    """Areas of boxes [..., 4]."""
    return (boxes[..., 2] - boxes[..., 0]).clamp(min=0) * (boxes[..., 3] - boxes[..., 1]).clamp(min=0)


def intersection_and_union(a, b):
    """Areas of intersection and union of broadcast box tensors [..., 4]."""
    width = torch.minimum(a[..., 2], b[..., 2]) - torch.maximum(a[..., 0], b[..., 0])
    height = torch.minimum(a[..., 3], b[..., 3]) - torch.maximum(a[..., 1], b[..., 1])
    inter = width.clamp(min=0) * height.clamp(min=0)
    return inter, (area(a) + area(b) - inter).clamp(min=1e-6)


def generalised_iou(a, b):
    """Generalised IoU of box tensors of equal shape."""
    inter, union = intersection_and_union(a, b)
    hull = area(torch.cat([torch.minimum(a[..., :2], b[..., :2]), torch.maximum(a[..., 2:], b[..., 2:])], -1))
    return inter / union - (hull - union) / hull.clamp(min=1e-6)
