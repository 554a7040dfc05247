#!/usr/bin/python3
"""Score cut-outs against photos whose true matte is known.

    tool/score/score.py PHOTOS CUTOUTS [--plain CUTOUTS]   folders; CUTOUTS hold one RGBA PNG a photo, under its name
    tool/score/score.py PHOTOS --run build/cyclorama       makes both first: recipe 'cutout', and with cutout.edges=plain

PHOTOS holds NAME.jpg (or png, webp) with NAME.mask.png, the true alpha, beside it. Photos are grouped by what stands before the
first '-' of their name. Needs python3-numpy and python3-pil. What is measured, a = alpha of the cut-out, t = true alpha, 0..1:

MAE     mean |a - t| over the whole photo.
maxF    the largest F = 1.3 P R / (0.3 P + R) over the thresholds 1..255 of a in 8 bits (beta^2 = 0.3, as for salient objects),
        P and R being precision and recall against t >= 0.5.
edge    mean |a - t| in the edge band: all pixels within r of the true boundary (where t >= 0.5 changes from a pixel to the next),
        r = max(2, longest side / 250) pixels, in the square sense.
halo    mean difference, in levels of 255 over the three channels, in that band, between the cut-out and the true product, both laid on
        the same new background: the corner of the RGB cube farthest from the old background's mean colour. The true product's colour
        is estimated from the photo and t by multi-level foreground estimation (Germer et al. 2020).

The 'ratio' rows are the cut-outs' means over those of --plain: below 1 is better, for maxF above 1.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image, ImageFilter, ImageOps

MEASURES = ("MAE", "maxF", "edge", "halo")


def read(path, mode):
    return np.asarray(ImageOps.exif_transpose(Image.open(path)).convert(mode), np.float32) / 255


def find_photos(folder):
    """Pairs of photo and mask paths, by name."""
    pairs = {}
    for mask in sorted(folder.glob("*.mask.png")):
        name = mask.name[: -len(".mask.png")]
        photo = next((p for p in sorted(folder.glob(name + ".*")) if p != mask), None)
        if photo:
            pairs[name] = (photo, mask)
    return pairs


def edge_band(truth):
    inside = truth >= 0.5
    edge = np.zeros(truth.shape, np.uint8)
    across, down = inside[:, 1:] != inside[:, :-1], inside[1:] != inside[:-1]
    edge[:, 1:][across] = edge[:, :-1][across] = 255
    edge[1:][down] = edge[:-1][down] = 255
    reach = max(2, round(max(truth.shape) / 250))
    return np.asarray(Image.fromarray(edge).filter(ImageFilter.MaxFilter(2 * reach + 1))) > 0


def max_f(alpha, truth):
    inside = truth >= 0.5
    levels = np.rint(alpha * 255).astype(int)
    above = lambda values: np.bincount(values, minlength=256)[::-1].cumsum()[::-1][1:]
    hits, taken = above(levels[inside]), above(levels.ravel())
    precision, recall = hits / np.maximum(taken, 1), hits / max(inside.sum(), 1)
    return float((1.3 * precision * recall / np.maximum(0.3 * precision + recall, 1e-9)).max())


def shrunk(plane, size):
    return np.asarray(Image.fromarray(plane).resize(size, Image.BOX))


def product_colour(photo, truth, small_rounds=10, large_rounds=2):
    """Colours F, B with photo = truth F + (1 - truth) B that vary little where alpha varies little, from coarse to fine."""
    height, width = truth.shape
    levels = int(np.ceil(np.log2(max(width, height))))
    product, backdrop = np.zeros((1, 1, 3), np.float32), np.zeros((1, 1, 3), np.float32)
    for level in range(levels + 1):
        w, h = round(width ** (level / levels)), round(height ** (level / levels))
        colour = np.stack([shrunk(photo[..., c], (w, h)) for c in range(3)], -1)
        alpha = shrunk(truth, (w, h))
        rows, columns = np.arange(h) * product.shape[0] // h, np.arange(w) * product.shape[1] // w
        product, backdrop = product[rows][:, columns], backdrop[rows][:, columns]
        padded = np.pad(alpha, 1, mode="edge")
        shifts = [(0, 1), (2, 1), (1, 0), (1, 2)]
        part = lambda field, s: field[s[0] : s[0] + h, s[1] : s[1] + w]
        weights = [1e-5 + 0.1 * np.abs(alpha - part(padded, s)) for s in shifts]
        total = sum(weights)
        aa, ab, bb = alpha**2 + total, alpha * (1 - alpha), (1 - alpha) ** 2 + total
        scale = (1 / (aa * bb - ab * ab))[..., None]
        for _ in range(small_rounds if max(w, h) <= 32 else large_rounds):
            pads = [np.pad(f, ((1, 1), (1, 1), (0, 0)), mode="edge") for f in (product, backdrop)]
            sums = [sum(k[..., None] * part(f, s) for k, s in zip(weights, shifts)) for f in pads]
            right_f = alpha[..., None] * colour + sums[0]
            right_b = (1 - alpha)[..., None] * colour + sums[1]
            product = np.clip(scale * (bb[..., None] * right_f - ab[..., None] * right_b), 0, 1)
            backdrop = np.clip(scale * (aa[..., None] * right_b - ab[..., None] * right_f), 0, 1)
    return product


class Photo:
    """One photo with its truth, ready to judge any number of cut-outs."""

    def __init__(self, photo_path, mask_path):
        self.colour, self.truth = read(photo_path, "RGB"), read(mask_path, "L")
        self.band = edge_band(self.truth)
        outside = self.truth < 0.5
        old = self.colour[outside].mean(0) if outside.any() else np.zeros(3)
        self.ground = np.where(old < 0.5, 1.0, 0.0).astype(np.float32)
        self.shown = self.laid(product_colour(self.colour, self.truth), self.truth)

    def laid(self, colour, alpha):
        return alpha[..., None] * colour + (1 - alpha[..., None]) * self.ground

    def judge(self, cutout):
        alpha = cutout[..., 3]
        error = np.abs(alpha - self.truth)
        halo = np.abs(self.laid(cutout[..., :3], alpha) - self.shown)[self.band].mean() * 255
        return error.mean(), max_f(alpha, self.truth), error[self.band].mean(), halo


def render(program, photo, out, *options):
    command = [program, "render", str(photo), "--recipe", "cutout", "-o", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"{photo.name}: {done.stderr.strip()}", file=sys.stderr)


def row(name, values):
    return f"| {name} | " + " | ".join(f"{v:.2f}" if m == "halo" else f"{v:.4f}" for m, v in zip(MEASURES, values)) + " |"


def print_means(title, ours, plain):
    print(row(f"**{title}**", np.mean(ours, 0)))
    if plain:
        print(row(f"{title}, plain", np.mean(plain, 0)))
        print(f"| {title}, ratio | " + " | ".join(f"{v:.3f}" for v in np.mean(ours, 0) / np.mean(plain, 0)) + " |")


def score(pairs, cutouts, plain):
    """Prints the table; photos without a cut-out count as wholly transparent."""
    results, groups = {}, {}
    print("| photo | " + " | ".join(MEASURES) + " |\n|---|" + "---|" * len(MEASURES))
    for name, paths in pairs.items():
        photo = Photo(*paths)
        for kind, folder in (("ours", cutouts), ("plain", plain)):
            if not folder:
                continue
            path = folder / (name + ".png")
            shape = photo.truth.shape + (4,)
            cutout = read(path, "RGBA") if path.exists() else np.zeros(shape, np.float32)
            if cutout.shape != shape:
                sys.exit(f"{path} is not the photo's size")
            results.setdefault(kind, {})[name] = photo.judge(cutout)
        print(row(name, results["ours"][name]), flush=True)
        groups.setdefault(name.split("-")[0], []).append(name)
    for title, names in [*groups.items(), ("all", list(pairs))]:
        print_means(title, *[[results[k][n] for n in names] if k in results else None for k in ("ours", "plain")])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photos", type=pathlib.Path)
    parser.add_argument("cutouts", type=pathlib.Path, nargs="?")
    parser.add_argument("--plain", type=pathlib.Path)
    parser.add_argument("--run", metavar="PROGRAM")
    args = parser.parse_args()
    pairs = find_photos(args.photos)
    if not pairs:
        sys.exit(f"no photos with masks in {args.photos}")
    with tempfile.TemporaryDirectory() as folder:
        if args.run:
            args.cutouts, args.plain = pathlib.Path(folder, "ours"), pathlib.Path(folder, "plain")
            for out, options in ((args.cutouts, ()), (args.plain, ("--set", "cutout.edges=plain"))):
                out.mkdir()
                for name, (photo, _) in pairs.items():
                    render(args.run, photo, out / (name + ".png"), *options)
        if not args.cutouts:
            parser.error("name a folder of cut-outs, or --run")
        score(pairs, args.cutouts, args.plain)


if __name__ == "__main__":
    main()
