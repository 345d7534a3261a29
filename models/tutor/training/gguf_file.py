"""Reads a model that `export` wrote, to train it further or to average it with others."""

from pathlib import Path

import torch
from gguf import GGUFReader
from gguf.quants import dequantize

from .bpe import Merge
from .model import Shape, Tutor


def read_merges(path: Path) -> list[Merge]:
    """The tokenizer's merges, in order of rank."""
    field = GGUFReader(path).fields["tokenizer.ggml.merges"]
    merges = (bytes(field.parts[i]).decode("utf-8").split(" ") for i in field.data)
    return [(left, right) for left, right in merges]


def read_shape(path: Path) -> Shape:
    """Vocabulary, context, layers, width and heads from the metadata."""
    fields = GGUFReader(path).fields

    def number(name: str) -> int:
        field = fields[f"gpt2.{name}"]
        return int(field.parts[field.data[0]][0])

    return Shape(vocabulary=len(fields["tokenizer.ggml.tokens"].data), context=number("context_length"),
                 layers=number("block_count"), width=number("embedding_length"), heads=number("attention.head_count"))


def read_weights(path: Path, model: Tutor) -> None:
    """Puts the file's weights into the model. Layers that the file lacks come last and at first add nothing."""
    stored = {tensor.name: torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy())
              for tensor in GGUFReader(path).tensors}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in stored:
                parameter.copy_(stored[name].view_as(parameter))
            elif ".attn_output." in name or ".ffn_down." in name:
                parameter.zero_()
