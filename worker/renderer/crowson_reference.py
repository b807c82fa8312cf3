#!/usr/bin/env python3
"""Losses and gradients of the convention `crowson`, apart from the engine.

Written from the formulas of crowsonkb/style-transfer-pytorch, in float64 with
PyTorch's automatic differentiation. Prints the cases of ScoreTest.CrowsonIsTheOriginals (score_test.cc):

    python3 worker/renderer/crowson_reference.py common/weights/atelier-vgg19-slim.safetensors
"""

import json
import math
import struct
import sys

import torch
from torch.nn import functional as F

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
POOL_SCALES = {"max": 1.0, "avg": 2.0, "l2": 0.78}
STYLE_LAYERS = {"1_1": 256, "2_1": 64, "3_1": 16, "4_1": 4, "5_1": 1}
BLOCKS = (2, 2, 4, 4, 1)


def read_weights(path):
    """Kernels and biases of all convolutions, in order."""
    data = open(path, "rb").read()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        first, end = (8 + size + at for at in entry["data_offsets"])
        values = torch.frombuffer(bytearray(data[first:end]), dtype=torch.float32)
        tensors[name] = values.reshape(entry["shape"]).double()
    numbers = sorted({int(name.split(".")[-2]) for name in tensors})
    prefix = next(iter(tensors)).rsplit(".", 2)[0]
    return [
        (tensors[f"{prefix}.{i}.weight"], tensors[f"{prefix}.{i}.bias"])
        for i in numbers
    ]


def picture(height, width, seed):
    """[1, 3, height, width] in [0,1), by a formula."""
    i = torch.arange(3 * height * width, dtype=torch.float64)
    s = torch.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453
    noise = (s - s.floor()).reshape(1, 3, height, width)
    y = torch.arange(height, dtype=torch.float64).reshape(1, 1, -1, 1)
    x = torch.arange(width, dtype=torch.float64).reshape(1, 1, 1, -1)
    waves = 0.5 + 0.5 * torch.sin(0.4 * x + 0.3 * y + seed)
    return (0.3 * noise + 0.7 * waves).float().double()


def features(weights, image, pooling):
    row = lambda values: torch.tensor(values, dtype=torch.float64).view(1, 3, 1, 1)
    x = (image - row(MEAN)) / row(DEVIATION)
    relus, k = {}, 0
    for block, count in enumerate(BLOCKS):
        for i in range(count):
            mode = "replicate" if k == 0 else "constant"
            x = F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode), *weights[k]))
            relus[f"{block + 1}_{i + 1}"] = x
            k += 1
        if pooling == "max":
            x = F.max_pool2d(x, 2)
        elif pooling == "avg":
            x = F.avg_pool2d(x, 2)
        else:
            x = F.lp_pool2d(x, 2, 2)
        x = x * POOL_SCALES[pooling]
    return relus


def moments(relu):
    rows = relu.flatten(2)[0]
    return rows.mean(1), rows @ rows.T / rows.shape[1]


def root(matrix):
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(0).sqrt()) @ vectors.T


def wasserstein(image, style):
    def covariance(mean, second):
        ridge = 1e-4 * torch.eye(len(mean), dtype=torch.float64)
        return second - torch.outer(mean, mean) + ridge

    ours, theirs = covariance(*image), covariance(*style)
    half = root(theirs)
    # Of the values alone: vectors have no gradient where two values are equal.
    between = torch.linalg.eigvalsh(half @ ours @ half).clamp_min(1e-12).sqrt()
    means = (image[0] - style[0]).square().mean()
    traces = torch.trace(ours + theirs) - 2 * between.sum()
    return means + traces / len(image[0])


def variation(image):
    p = F.pad(image, (1, 1, 1, 1), "replicate")
    inner, after = slice(1, -1), slice(2, None)
    low, high = slice(None, -1), slice(1, None)
    straight = (p[..., inner, after] - p[..., inner, inner]).square().mean()
    straight += (p[..., after, inner] - p[..., inner, inner]).square().mean()
    diagonal = (p[..., high, high] - p[..., low, low]).square().mean()
    diagonal += (p[..., high, low] - p[..., low, high]).square().mean()
    return 2 * (straight / 3 + diagonal / 12)


def score(weights, pooling, shares):
    image = picture(34, 45, 3).requires_grad_()
    content = features(weights, picture(34, 45, 1), pooling)["4_2"]
    styles = [
        features(weights, picture(32 + 5 * i, 40 - 4 * i, 10 + i), pooling)
        for i in range(len(shares))
    ]
    relus = features(weights, image, pooling)
    losses = {"content": (relus["4_2"] - content).square().mean(), "style": 0}
    total = sum(STYLE_LAYERS.values())
    for layer, weight in STYLE_LAYERS.items():
        of_styles = [moments(style[layer]) for style in styles]
        blended = [
            sum(share * of[part] for share, of in zip(shares, of_styles))
            for part in range(2)
        ]
        loss = wasserstein(moments(relus[layer]), blended)
        losses["style"] = losses["style"] + weight / total * loss
    losses["total_variation"] = variation(image)
    losses["total"] = (
        0.015 * losses["content"] + losses["style"] + 2 * losses["total_variation"]
    )
    (gradient,) = torch.autograd.grad(losses["total"], image)
    assert math.isfinite(gradient.norm())
    return [loss.item() for loss in losses.values()] + [gradient.norm().item()]


def main():
    weights = read_weights(sys.argv[1])
    for pooling, shares in (
        ("max", [1.0]),
        ("avg", [1.0]),
        ("l2", [1.0]),
        ("avg", [0.75, 0.25]),
    ):
        values = ", ".join(f"{value:.9g}" for value in score(weights, pooling, shares))
        print(f'{{"{pooling}", {{{", ".join(map(str, shares))}}}, {{{values}}}}},')


if __name__ == "__main__":
    main()
