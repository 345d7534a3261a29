"""Greedy tokens of GPT2LMHeadModel in float32, for comparing another engine's on the same F32 GGUF.

    echo '{"prompts": [[464, 2003, 286]], "maxTokens": 32}' | python greedy.py MODEL.gguf

Prints {"tokens": [[...]], "margins": [[...]]}. A margin is the gap between the two highest logits at that step: engines
round differently, so a first difference where the gap is around 1e-3 is a tie, and anywhere else a defect.
"""

import json
import sys

import torch

from gguf_gpt2 import Gpt2Gguf


@torch.inference_mode()
def continue_greedily(model, prompt: list[int], max_tokens: int) -> tuple[list[int], list[float]]:
    tokens, margins, past, step = [], [], None, torch.tensor([prompt])
    for _ in range(max_tokens):
        out = model(step, past_key_values=past, use_cache=True)
        best = torch.topk(out.logits[0, -1], 2)
        tokens.append(int(best.indices[0]))
        margins.append(round(float(best.values[0] - best.values[1]), 6))
        past, step = out.past_key_values, best.indices[:1].unsqueeze(0)
    return tokens, margins


def main() -> None:
    request = json.load(sys.stdin)
    model = Gpt2Gguf(sys.argv[1]).model(torch.float32)
    runs = [continue_greedily(model, prompt, request["maxTokens"]) for prompt in request["prompts"]]
    print(json.dumps({"tokens": [tokens for tokens, _ in runs], "margins": [margins for _, margins in runs]}))


if __name__ == "__main__":
    main()
