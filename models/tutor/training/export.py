"""Writes the last checkpoint as `tutor.gguf`: `python -m training.export`.

Matrices are Q8_0 (blocks of 32 with one scale), everything else float32. Tensor and metadata names are llama.cpp's for
the gpt2 architecture.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .bpe import END, FIX, Tokenizer
from .model import Tutor
from .splits import HERE
from .train import load_model

GGUF_FILE = HERE.parent / "tutor.gguf"
ALIGNMENT = 32
UINT32, FLOAT32, BOOL, STRING, ARRAY, INT32 = 4, 6, 7, 8, 9, 5
TYPE_F32, TYPE_Q8_0 = 0, 8
MOSTLY_Q8_0 = 7
NORMAL, CONTROL = 1, 3  # token types
BLOCK = 32

CHAT_TEMPLATE = (
    "{%- for message in messages if message['role'] == 'user' -%}"
    "{%- if loop.last -%}{{ message['content'] }}" + FIX + "{%- endif -%}"
    "{%- endfor -%}"
)


def quantize(matrix: np.ndarray) -> bytes:
    """Q8_0 as in ggml: per 32 values a float16 scale, the largest magnitude / 127, and 32 signed bytes."""
    blocks = matrix.astype(np.float32).reshape(-1, BLOCK)
    scales = np.abs(blocks).max(axis=1, keepdims=True) / 127
    inverse = np.divide(1, scales, out=np.zeros_like(scales), where=scales > 0)
    codes = np.sign(blocks) * np.floor(np.abs(blocks * inverse) + 0.5)
    packed = np.empty(len(blocks), dtype=[("scale", "<f2"), ("codes", "i1", BLOCK)])
    packed["scale"], packed["codes"] = scales[:, 0].astype(np.float16), codes.astype(np.int8)
    return packed.tobytes()


def _string(text: str) -> bytes:
    encoded = text.encode("utf-8")
    return struct.pack("<Q", len(encoded)) + encoded


def _value(value: str | bool | int | float | list[str] | list[int]) -> bytes:
    """A metadata value with its type in front."""
    if isinstance(value, str):
        return struct.pack("<I", STRING) + _string(value)
    if isinstance(value, bool):
        return struct.pack("<I?", BOOL, value)
    if isinstance(value, int):
        return struct.pack("<II", UINT32, value)
    if isinstance(value, float):
        return struct.pack("<If", FLOAT32, value)
    if isinstance(value[0], str):
        return struct.pack("<IIQ", ARRAY, STRING, len(value)) + b"".join(map(_string, value))
    return struct.pack(f"<IIQ{len(value)}i", ARRAY, INT32, len(value), *value)


def metadata(model: Tutor, tokenizer: Tokenizer) -> dict[str, str | bool | int | float | list]:
    shape = model.shape
    return {
        "general.architecture": "gpt2",
        "general.name": "Sluice tutor",
        "general.description": "Corrects learners' English sentences, levels A1-B1. Prompt: the sentence, then " + FIX,
        "general.license": "MIT",
        "general.languages": ["en"],
        "general.file_type": MOSTLY_Q8_0,
        "gpt2.context_length": shape.context,
        "gpt2.embedding_length": shape.width,
        "gpt2.feed_forward_length": 4 * shape.width,
        "gpt2.block_count": shape.layers,
        "gpt2.attention.head_count": shape.heads,
        "gpt2.attention.layer_norm_epsilon": model.output_norm.eps,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": tokenizer.tokens,
        "tokenizer.ggml.token_type": [CONTROL if token in (END, FIX) else NORMAL for token in tokenizer.tokens],
        "tokenizer.ggml.merges": [f"{left} {right}" for left, right in tokenizer.merges],
        "tokenizer.ggml.bos_token_id": tokenizer.end,
        "tokenizer.ggml.eos_token_id": tokenizer.end,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": CHAT_TEMPLATE,
    }


def tensors(model: Tutor) -> Iterator[tuple[str, tuple[int, ...], int, bytes]]:
    """Name, dimensions (fastest first), type and bytes of every tensor; the output matrix is the embedding's."""
    for name, parameter in model.named_parameters():
        values = parameter.detach().numpy()
        quantized = values.ndim == 2 and name != "position_embd.weight"
        data = quantize(values) if quantized else values.astype("<f4").tobytes()
        yield name, values.shape[::-1], TYPE_Q8_0 if quantized else TYPE_F32, data


def write(path: Path, model: Tutor, tokenizer: Tokenizer) -> None:
    """The whole file: header, metadata, tensor descriptions, tensor data, each aligned."""
    fields = metadata(model, tokenizer)
    described, data = b"", b""
    count = 0
    for name, dimensions, kind, content in tensors(model):
        described += _string(name) + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions, kind, len(data))
        data += content + b"\0" * (-len(content) % ALIGNMENT)
        count += 1
    header = b"GGUF" + struct.pack("<IQQ", 3, count, len(fields))
    header += b"".join(_string(key) + _value(value) for key, value in fields.items()) + described
    path.write_bytes(header + b"\0" * (-len(header) % ALIGNMENT) + data)


def main() -> None:
    model, tokenizer = load_model()
    write(GGUF_FILE, model, tokenizer)
    print(f"{GGUF_FILE}: {GGUF_FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
