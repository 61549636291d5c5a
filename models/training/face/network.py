"""The greenlane face detector: a small dense anchor-free network with five points per face.

Plain 3x3 convolutions with ReLU, as in the person detector.  Three levels (strides 8, 16, 32) share
YuNet's code: cx = (gx + x) * s, cy = (gy + y) * s, w = exp(w) * s, h = exp(h) * s, and five points
(gx + px) * s, (gy + py) * s.
"""

import math

import torch
from torch import nn
import torch.nn.functional as F

from model import ConvBnRelu, PoolingContext, Residual

STRIDES = (8, 16, 32)
INPUT_SCALE = 1.0 / 64.0
OUTPUTS = 15  # score, box (4), points (10)


class Head(nn.Module):
    """One 3x3 convolution, then score, box and points."""

    def __init__(self, cin, hidden):
        super().__init__()
        self.stem = ConvBnRelu(cin, hidden, 3)
        self.out = nn.Conv2d(hidden, OUTPUTS, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        # A new head doubts every cell and predicts a face four cells wide with its points at half its width.
        points = [-0.5, -0.5, 1.5, -0.5, 0.5, 0.5, -0.25, 1.5, 1.25, 1.5]
        self.out.bias.data = torch.tensor([-4.6, 0.5, 0.5, math.log(4.0), math.log(5.0)] + points)

    def forward(self, x):
        return self.out(self.stem(x))


class FaceDetector(nn.Module):
    """Backbone, top-down pyramid and three heads; returns raw [B, N, 15]."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(ConvBnRelu(3, 8, 3, 2), ConvBnRelu(8, 24, 3, 2))
        self.stage8 = nn.Sequential(ConvBnRelu(24, 32, 3, 2), Residual(32, 16))
        self.stage16 = nn.Sequential(ConvBnRelu(32, 64, 3, 2), *[Residual(64, 40) for _ in range(3)])
        self.stage32 = nn.Sequential(ConvBnRelu(64, 96, 3, 2), PoolingContext(96, 32), Residual(96, 64))
        self.laterals = nn.ModuleList([ConvBnRelu(c, 32, 1) for c in (32, 64, 96)])
        self.heads = nn.ModuleList([Head(32, h) for h in (16, 40, 64)])

    def levels(self, images):
        """The map of each level, [B, 15, H/s, W/s]; `images` is [B, 3, H, W], BGR, 0..255."""
        c8 = self.stage8(self.stem(images * INPUT_SCALE))
        c16 = self.stage16(c8)
        p32 = self.laterals[2](self.stage32(c16))
        p16 = self.laterals[1](c16) + F.interpolate(p32, scale_factor=2.0, mode="nearest")
        p8 = self.laterals[0](c8) + F.interpolate(p16, scale_factor=2.0, mode="nearest")
        return [head(p) for head, p in zip(self.heads, (p8, p16, p32))]

    def forward(self, images):
        return torch.cat([m.flatten(2) for m in self.levels(images)], 2).transpose(1, 2)


def cell_grid(height, width):
    """Grid x, grid y and stride of every output row, as one [N, 3] float tensor."""
    rows = []
    for stride in STRIDES:
        gy, gx = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        rows.append(torch.stack([gx.flatten(), gy.flatten(), torch.full((gx.numel(),), stride)], 1))
    return torch.cat(rows).float()


def decode_boxes(raw, grid):
    """Raw outputs [..., N, 15] to x1, y1, x2, y2 in input pixels."""
    centre = (raw[..., 1:3] + grid[:, :2]) * grid[:, 2:]
    half = raw[..., 3:5].clamp(max=5.0).exp() * grid[:, 2:] * 0.5
    return torch.cat([centre - half, centre + half], -1)


def decode_points(raw, grid):
    """Raw outputs [..., N, 15] to five points [..., N, 5, 2] in input pixels."""
    return (raw[..., 5:15].unflatten(-1, (5, 2)) + grid[:, None, :2]) * grid[:, None, 2:]
