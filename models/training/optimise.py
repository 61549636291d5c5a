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
    return torch.optim.AdamW(groups, lr=rate, fused=True)


def save(path, step, spent, model, average, optimizer):
    """Write a checkpoint so that a crash never leaves half a file."""
    state = {"step": step, "spent": spent, "model": model.state_dict(), "average": average.state_dict()}
    partial = path.with_suffix(".partial")
    torch.save(state | {"optimizer": optimizer.state_dict()}, partial)
    partial.replace(path)


def resume(path, model, average, optimizer):
    """Load a checkpoint where there is one; returns its step and the seconds spent."""
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    average.load_state_dict(state["average"])
    optimizer.load_state_dict(state["optimizer"])
    return state["step"], state["spent"]
