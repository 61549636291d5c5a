"""What both recipes share of the training loop."""

import torch


def update_average(average, model, keep):
    """Exponential moving average of weights and statistics."""
    with torch.no_grad():
        for old, new in zip(average.state_dict().values(), model.state_dict().values()):
            old.lerp_(new, 1 - keep) if old.is_floating_point() else old.copy_(new)


def make_optimizer(model, rate, weight_decay):
    """AdamW without weight decay on biases and normalisation."""
    decay = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decay, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate)
