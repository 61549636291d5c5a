"""Training loss: task-aligned assignment of labels to cells (TOOD, Feng et al. 2021, section 3.2)."""

import torch
import torch.nn.functional as F

from model import decode_boxes
from overlap import generalised_iou, intersection_and_union

TOP_CELLS = 8
CENTRE_RADIUS = 1.5
BOX_WEIGHT = 2.5


@torch.no_grad()
def assign(boxes, scores, labels, grid):
    """Soft target, assigned box and masks per cell.

    boxes [B, N, 4], scores [B, N], labels [B, M, 5] (corners, 1 = person, 2 = ignore, 0 = none).
    Returns target [B, N], matched box [B, N, 4] and the mask of cells inside an ignored region.
    """
    centre = (grid[:, :2] + 0.5) * grid[:, 2:]
    stride = grid[:, 2]
    people = labels[..., 4] == 1
    low, high = labels[..., None, :2], labels[..., None, 2:4]
    within = ((centre > low) & (centre < high)).all(-1)
    middle = (labels[..., :2] + labels[..., 2:4]) / 2
    near = ((centre - middle[:, :, None]).abs() < (CENTRE_RADIUS * stride)[:, None]).all(-1)
    candidate = near & people[..., None]
    inter, union = intersection_and_union(boxes[:, None], labels[:, :, None, :4])
    iou = inter / union
    metric = scores[:, None].sqrt() * iou.pow(3) * candidate
    best = metric.topk(TOP_CELLS, dim=-1)
    chosen = torch.zeros_like(candidate).scatter_(-1, best.indices, best.values > 0)
    owned_iou = torch.where(chosen, iou, torch.full_like(iou, -1.0))
    top_iou, owner = owned_iou.max(1)
    chosen &= torch.zeros_like(chosen).scatter_(1, owner[:, None], True)
    metric = metric * chosen
    peak_metric = metric.amax(-1, keepdim=True).clamp(min=1e-9)
    peak_iou = (iou * chosen).amax(-1, keepdim=True)
    target = (metric / peak_metric * peak_iou).amax(1)
    matched = labels[..., :4].gather(1, owner[..., None].expand(-1, -1, 4))
    ignored = (within & (labels[..., 4] == 2)[..., None]).any(1)
    return target * (top_iou > 0), matched, ignored


def detection_loss(raw, labels, grid):
    """Total loss and its two parts for raw [B, N, 5] and labels [B, M, 5]."""
    boxes = decode_boxes(raw[..., :4], grid)
    logits = raw[..., 4]
    target, matched, ignored = assign(boxes.detach(), logits.detach().sigmoid(), labels, grid)

    # Plain cross-entropy everywhere: with focal weights the background kept scores near 0.1.
    positive = target > 0
    weight = (positive | ~ignored).float()
    total = target.sum().clamp(min=1.0)
    score_loss = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).sum() / total

    giou = generalised_iou(boxes[positive], matched[positive])
    box_loss = ((1 - giou) * target[positive]).sum() / total
    return score_loss + BOX_WEIGHT * box_loss, score_loss.detach(), box_loss.detach()
