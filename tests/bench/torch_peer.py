"""One render in plain PyTorch, as such loops are usually written: modules, autograd
and torch.optim.LBFGS. engine_bench runs it to have something to compare with.

    torch_peer.py MANIFEST

Prints one JSON object: "seconds" and "losses" of each iteration, and Torch's version.

The manifest is JSON:
    device            "cpu" or "cuda:0"
    threads, iterations, history, learning_rate
    width_px, height_px
    content, style    files of float32: RGB in [0,1], [3][height][width]
    weights           a file of float32: of each convolution [out][in][3][3], then [out]
    blocks            output channels of the convolutions, pool by pool
    pooling           "max" or "avg"
    scale, mean       of RGB [0,1] to the network's input
    content_layer, style_layers                  "relu4_2"
    content_weight, style_weight, tv_weight      of gordicaleksa's terms
Files are little-endian, and relative to the manifest.
"""

import json
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional


def read_floats(path):
    return torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.float32)


def read_image(path, manifest):
    shape = (1, 3, manifest["height_px"], manifest["width_px"])
    return read_floats(path).view(shape).to(manifest["device"])


class Vgg(nn.Module):
    """The layers up to the last one that is wanted, and the features at those."""

    def __init__(self, blocks, pooling, weights, wanted):
        super().__init__()
        self.wanted = set(wanted)
        self.layers = nn.ModuleDict()
        pool = {"max": nn.MaxPool2d, "avg": nn.AvgPool2d}[pooling]
        channels = 3
        for block, widths in enumerate(blocks, 1):
            for index, width in enumerate(widths, 1):
                convolution = nn.Conv2d(channels, width, 3, padding=1)
                weights = self.fill(convolution, weights)
                self.layers[f"conv{block}_{index}"] = convolution
                self.layers[f"relu{block}_{index}"] = nn.ReLU()
                channels = width
            self.layers[f"pool{block}"] = pool(2, 2)
        self.cut_after_last_wanted()
        self.requires_grad_(False)

    @staticmethod
    def fill(convolution, weights):
        """Takes a convolution's numbers from the front; returns what is left."""
        for parameter in (convolution.weight, convolution.bias):
            count = parameter.numel()
            parameter.data.copy_(weights[:count].view_as(parameter))
            weights = weights[count:]
        return weights

    def cut_after_last_wanted(self):
        for name in reversed(list(self.layers)):
            if name in self.wanted:
                return
            del self.layers[name]

    def forward(self, x):
        features = {}
        for name, layer in self.layers.items():
            x = layer(x)
            if name in self.wanted:
                features[name] = x
        return features


def gram_matrix(features):
    _, channels, height, width = features.shape
    flat = features.view(channels, height * width)
    return flat @ flat.t() / (channels * height * width)


def total_variation(x):
    across = (x[:, :, :, :-1] - x[:, :, :, 1:]).abs().sum()
    return across + (x[:, :, :-1, :] - x[:, :, 1:, :]).abs().sum()


class Objective:
    """gordicaleksa's: mean squared features, summed squared Grams, variation."""

    def __init__(self, manifest, weights, content, style):
        self.manifest = manifest
        device = manifest["device"]
        self.mean = torch.tensor(manifest["mean"]).view(1, 3, 1, 1).to(device)
        self.content_layer = manifest["content_layer"]
        self.style_layers = manifest["style_layers"]
        self.network = Vgg(
            manifest["blocks"],
            manifest["pooling"],
            weights,
            [self.content_layer, *self.style_layers],
        ).to(device)
        with torch.no_grad():
            features = self.network(self.prepare(content))
            self.content = features[self.content_layer]
            features = self.network(self.prepare(style))
            self.grams = [gram_matrix(features[name]) for name in self.style_layers]

    def prepare(self, rgb):
        return rgb * self.manifest["scale"] - self.mean

    def __call__(self, rgb):
        x = self.prepare(rgb)
        features = self.network(x)
        content = functional.mse_loss(features[self.content_layer], self.content)
        style = 0.0
        for name, target in zip(self.style_layers, self.grams):
            gram = gram_matrix(features[name])
            style += functional.mse_loss(gram, target, reduction="sum")
        style /= len(self.style_layers)
        return (
            self.manifest["content_weight"] * content
            + self.manifest["style_weight"] * style
            + self.manifest["tv_weight"] * total_variation(x)
        )


def optimize(objective, content, manifest):
    image = content.clone().requires_grad_(True)
    # One evaluation a step, as in every iteration of Atelier's.
    optimizer = torch.optim.LBFGS(
        [image],
        lr=manifest["learning_rate"],
        history_size=manifest["history"],
        max_iter=1,
    )

    def closure():
        optimizer.zero_grad()
        loss = objective(image)
        loss.backward()
        return loss

    seconds, losses = [], []
    for _ in range(manifest["iterations"]):
        start = time.perf_counter()
        losses.append(optimizer.step(closure).item())
        seconds.append(time.perf_counter() - start)
    return seconds, losses


def main():
    path = pathlib.Path(sys.argv[1])
    manifest = json.loads(path.read_text())
    torch.set_num_threads(manifest["threads"])
    content = read_image(path.parent / manifest["content"], manifest)
    style = read_image(path.parent / manifest["style"], manifest)
    weights = read_floats(path.parent / manifest["weights"])
    objective = Objective(manifest, weights, content, style)
    seconds, losses = optimize(objective, content, manifest)
    figures = {"seconds": seconds, "losses": losses, "torch": torch.__version__}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
