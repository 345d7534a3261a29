"""A GPT-2: learned positions, layer norm before each part, GELU by tanh, biases, output tied to the embedding."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    context: int = 128
    layers: int = 4
    width: int = 192
    heads: int = 6


class _MatrixProduct(torch.autograd.Function):
    """`x @ weight.T` in bfloat16, with the weight's gradient computed in the order that a CPU's matrix unit likes."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return x @ weight.t()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        rows = gradient.reshape(-1, gradient.shape[-1])
        return gradient @ weight, (x.reshape(-1, x.shape[-1]).t() @ rows).t()


class Linear(nn.Linear):
    """A linear layer computed in bfloat16 from float32 weights."""

    def forward(self, x: Tensor) -> Tensor:
        return _MatrixProduct.apply(x.bfloat16(), self.weight.bfloat16()) + self.bias.bfloat16()


class Block(nn.Module):
    """One layer: attention, then the feed-forward part, each added to what came in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.attn_norm = nn.LayerNorm(shape.width)
        self.attn_qkv = Linear(shape.width, 3 * shape.width)
        self.attn_output = Linear(shape.width, shape.width)
        self.ffn_norm = nn.LayerNorm(shape.width)
        self.ffn_up = Linear(shape.width, 4 * shape.width)
        self.ffn_down = Linear(4 * shape.width, shape.width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        split = self.attn_qkv(self.attn_norm(x)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        # Spelled out because the fused kernel's backward pass is several times slower on a CPU at these lengths.
        scores = query @ key.transpose(-2, -1) * (width // self.heads) ** -0.5 + mask.to(query.dtype)
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, width)
        x = x + self.attn_output(mixed)
        return x + self.ffn_down(functional.gelu(self.ffn_up(self.ffn_norm(x)), approximate="tanh"))


class Tutor(nn.Module):
    """The whole model; module names are those of the GGUF tensors."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.position_embd = nn.Embedding(shape.context, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.LayerNorm(shape.width)
        mask = torch.full((shape.context, shape.context), float("-inf")).triu(1)
        self.register_buffer("mask", mask, persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                after_residual = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(parameter, std=0.02 / (2 * self.shape.layers) ** 0.5 if after_residual else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def hidden(self, tokens: Tensor) -> Tensor:
        """The last layer's normalised states."""
        length = tokens.shape[1]
        x = self.token_embd(tokens) + self.position_embd.weight[:length]
        for block in self.blk:
            x = block(x, self.mask[:length, :length])
        return self.output_norm(x)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.logits(self.hidden(tokens))

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of the next token, in float32."""
        return _MatrixProduct.apply(hidden.bfloat16(), self.token_embd.weight.bfloat16()).float()
