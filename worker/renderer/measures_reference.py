#!/usr/bin/env python3
"""Measures of a picture, apart from the engine.

Written from the formulas of docs/measures.md in NumPy's float64. Prints the
values of TorchMeasurerTest.ValuesAreNumPys (torch_measurer_test.cc):

    python3 worker/renderer/measures_reference.py common/weights/atelier-vgg19-slim.safetensors
"""

import json
import math
import struct
import sys

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CAFFE_MEAN = (103.939, 116.779, 123.68)
BLOCKS = (2, 2, 4, 4, 1)
STYLE_TAPS = ("1_1", "2_1", "3_1", "3_3", "4_1", "4_3", "5_1")


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
        values = np.frombuffer(data[first:end], dtype="<f4")
        tensors[name] = values.reshape(entry["shape"]).astype(np.float64)
    numbers = sorted({int(name.split(".")[-2]) for name in tensors})
    prefix = next(iter(tensors)).rsplit(".", 2)[0]
    return [
        (tensors[f"{prefix}.{i}.weight"], tensors[f"{prefix}.{i}.bias"])
        for i in numbers
    ]


def picture(width, height, seed):
    """[3, height, width]: whole numbers over 255, by a formula."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(height), np.arange(width), indexing="ij")
    waves = np.abs((5 * x + 3 * y + 11 * c + 37 * seed) % 256 - 128)
    grain = (x * x * 31 + y * 17 + x * y * 7 + c * 13 + seed * 101) % 64
    return (waves + grain) / 255.0


def convolve(x, kernel, bias):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, (3, 3), axis=(1, 2))
    return np.einsum("ihwkl,oikl->ohw", windows, kernel, optimize=True) + bias[:, None, None]


def pool(x, how):
    h, w = x.shape[1] // 2, x.shape[2] // 2
    cells = x[:, : 2 * h, : 2 * w].reshape(x.shape[0], h, 2, w, 2)
    return cells.max((2, 4)) if how == "max" else cells.mean((2, 4))


def features(weights, image, pooling="avg", preprocessing="imagenet-unit-rgb"):
    if preprocessing == "caffe-255-bgr":
        x = image[::-1] * 255 - np.array(CAFFE_MEAN)[:, None, None]
    else:
        x = (image - np.array(MEAN)[:, None, None]) / np.array(DEVIATION)[:, None, None]
    relus, k = {}, 0
    for block, count in enumerate(BLOCKS):
        for i in range(count):
            x = np.maximum(convolve(x, *weights[k]), 0)
            relus[f"{block + 1}_{i + 1}"] = x
            k += 1
        x = pool(x, pooling)
    return relus


def luma(image):
    return 0.299 * image[0] + 0.587 * image[1] + 0.114 * image[2]


def psnr(x, y):
    return -10 * math.log10(((x - y) ** 2).mean())


def ssim(x, y):
    along = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    window = np.outer(along, along) / along.sum() ** 2
    mean = lambda values: (sliding_window_view(values, (11, 11)) * window).sum((2, 3))
    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    return (
        (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    ).mean()


def mean_wavelength(x):
    window = np.outer(np.hanning(x.shape[0]), np.hanning(x.shape[1]))
    power = np.abs(np.fft.fft2((x - x.mean()) * window)) ** 2
    along_y, along_x = (np.fft.fftfreq(n) for n in x.shape)
    frequency = np.hypot(along_y[:, None], along_x[None, :])
    waves = frequency > 0
    return (power[waves] / frequency[waves]).sum() / power[waves].sum()


def gram(f):
    rows = f.reshape(f.shape[0], -1)
    return rows @ rows.T / rows.shape[1]


def root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def wasserstein(f, s):
    f, s = (a.reshape(a.shape[0], -1) for a in (f, s))
    cf, cs = (np.cov(a, bias=True) for a in (f, s))
    between = root(root(cs) @ cf @ root(cs))
    squared = ((f.mean(1) - s.mean(1)) ** 2).sum() + np.trace(cf + cs - 2 * between)
    return math.sqrt(max(0.0, squared))


def measure(weights, image, content, styles, **how):
    values = {"psnr": psnr(luma(image), luma(content)), "ssim": ssim(luma(image), luma(content))}
    values["mean_wavelength"] = mean_wavelength(luma(image))
    f, c = features(weights, image, **how), features(weights, content, **how)
    values["content_distance"] = np.linalg.norm(f["4_2"] - c["4_2"]) / np.linalg.norm(c["4_2"])
    grams, distances = [], []
    for tap in STYLE_TAPS:
        of_gram = of_wasserstein = of_style = 0.0
        for share, style in styles:
            s = features(weights, style, **how)[tap]
            of_gram += share * np.linalg.norm(gram(f[tap]) - gram(s)) / np.linalg.norm(gram(s))
            w = wasserstein(f[tap], s)
            of_wasserstein += share * w
            of_style += share * w / math.sqrt((s**2).sum(0).mean())
        values[f"gram_distance_relu{tap}"] = of_gram
        values[f"wasserstein_relu{tap}"] = of_wasserstein
        grams.append(of_gram)
        distances.append(of_style)
    values["gram_distance"] = np.mean(grams)
    values["style_distance"] = np.mean(distances)
    return values


def main():
    weights = read_weights(sys.argv[1])
    image, content = picture(64, 48, 3), picture(64, 48, 1)
    one = [(1.0, picture(50, 64, 10))]
    two = [(0.75, picture(50, 64, 10)), (0.25, picture(64, 40, 11))]
    cases = {
        "one": (one, {}),
        "two": (two, {}),
        "caffe, max": (one, {"pooling": "max", "preprocessing": "caffe-255-bgr"}),
    }
    for name, (styles, how) in cases.items():
        print(f"// {name}")
        for key, value in sorted(measure(weights, image, content, styles, **how).items()):
            print(f'{{"{key}", {value:.9g}}},')


if __name__ == "__main__":
    main()
