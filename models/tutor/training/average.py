"""Writes the mean of several models' weights as `tutor.gguf`: `python -m training.average A.gguf B.gguf ...`.

Models of which each was trained further from the one before lie in one valley of the loss; their mean is right a little
more often on words that none of them saw (Wortsman et al. 2022, "Model soups").
"""

import argparse
from pathlib import Path

import torch

from .bpe import Tokenizer
from .export import GGUF_FILE, write
from .gguf_file import read_merges, read_shape, read_weights
from .model import Tutor


def average(paths: list[Path]) -> tuple[Tutor, Tokenizer]:
    """The mean model of files of one shape and one tokenizer, which are those of the first."""
    models = [Tutor(read_shape(path)) for path in paths]
    for path, model in zip(paths, models):
        read_weights(path, model)
        if model.shape != models[0].shape or read_merges(path) != read_merges(paths[0]):
            raise ValueError(f"{path} has another shape or tokenizer than {paths[0]}")
    mean = models[0]
    with torch.no_grad():
        for parameters in zip(*(model.parameters() for model in models)):
            parameters[0].copy_(torch.stack(parameters).mean(0))
    return mean, Tokenizer(read_merges(paths[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.gguf")
    write(GGUF_FILE, *average(parser.parse_args().files))


if __name__ == "__main__":
    main()
