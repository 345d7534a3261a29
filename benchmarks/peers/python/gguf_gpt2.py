"""Reads a GPT-2 family GGUF into the names and layouts of Hugging Face's GPT2LMHeadModel.

GGUF keeps every linear weight as (outputs, inputs); GPT-2's Conv1D keeps (inputs, outputs), hence the transposes.
GPT-2 ties `lm_head` to the token embedding, a GGUF may carry its own `output.weight`: the model is untied when it does.
Quantised tensors come out as the float32 values they stand for, so that every peer runs the same weights.
"""

import json
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFReader, dequantize
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel

TOP_LEVEL = {
    "token_embd.weight": "transformer.wte.weight",
    "position_embd.weight": "transformer.wpe.weight",
    "output_norm.weight": "transformer.ln_f.weight",
    "output_norm.bias": "transformer.ln_f.bias",
    "output.weight": "lm_head.weight",
}
IN_BLOCK = {
    "attn_norm": "ln_1",
    "attn_qkv": "attn.c_attn",
    "attn_output": "attn.c_proj",
    "ffn_norm": "ln_2",
    "ffn_up": "mlp.c_fc",
    "ffn_down": "mlp.c_proj",
}
LINEAR = {"attn_qkv", "attn_output", "ffn_up", "ffn_down"}


class Gpt2Gguf:
    """One GGUF file, opened: `config` and `weights()` for the model, `export()` for a Hugging Face folder."""

    def __init__(self, path: str):
        self._reader = GGUFReader(path)
        architecture = self._field("general.architecture")
        if architecture != "gpt2":
            raise ValueError(f"{path}: architecture is {architecture!r}, this reader knows only 'gpt2'")
        self._tokens = self._field("tokenizer.ggml.tokens")
        self._eos = self._field("tokenizer.ggml.eos_token_id")
        self._tied = all(tensor.name != "output.weight" for tensor in self._reader.tensors)
        self.config = GPT2Config(
            architectures=["GPT2LMHeadModel"],
            vocab_size=len(self._tokens),
            n_positions=self._field("gpt2.context_length"),
            n_embd=self._field("gpt2.embedding_length"),
            n_inner=self._field("gpt2.feed_forward_length"),
            n_layer=self._field("gpt2.block_count"),
            n_head=self._field("gpt2.attention.head_count"),
            layer_norm_epsilon=float(self._field("gpt2.attention.layer_norm_epsilon")),
            bos_token_id=self._eos,
            eos_token_id=self._eos,
            pad_token_id=self._eos,
            tie_word_embeddings=self._tied,
        )

    def weights(self) -> dict[str, torch.Tensor]:
        return dict(self._convert(tensor) for tensor in self._reader.tensors)

    def model(self, dtype: torch.dtype) -> GPT2LMHeadModel:
        weights = self.weights()
        return GPT2LMHeadModel.from_pretrained(None, config=self.config, state_dict=weights, dtype=dtype).eval()

    def export(self, folder: str) -> None:
        """Writes config, float32 safetensors and tokenizer files: what `from_pretrained` and `vllm serve` read."""
        out = Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        self.config.save_pretrained(out)
        save_file(self.weights(), out / "model.safetensors", metadata={"format": "pt"})
        vocab = {token: index for index, token in enumerate(self._tokens)}
        (out / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
        merges = self._field("tokenizer.ggml.merges")
        (out / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
        special = self._tokens[self._eos]
        tokenizer = {
            "tokenizer_class": "GPT2Tokenizer",
            "model_max_length": self.config.n_positions,
            "bos_token": special,
            "eos_token": special,
            "unk_token": special,
        }
        (out / "tokenizer_config.json").write_text(json.dumps(tokenizer), encoding="utf-8")

    def _field(self, name: str):
        field = self._reader.get_field(name)
        if field is None:
            raise ValueError(f"the GGUF file lacks {name!r}")
        return field.contents()

    def _convert(self, tensor) -> tuple[str, torch.Tensor]:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if tensor.name in TOP_LEVEL:
            return TOP_LEVEL[tensor.name], torch.from_numpy(values.copy())
        _, block, part, kind = tensor.name.split(".")
        if part in LINEAR and kind == "weight":
            values = values.T
        return f"transformer.h.{block}.{IN_BLOCK[part]}.{kind}", torch.from_numpy(values.copy(order="C"))
