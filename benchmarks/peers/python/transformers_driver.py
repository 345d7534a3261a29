"""Hugging Face Transformers as a peer: padded `generate` on batches that run to completion.

    python transformers_driver.py HF_FOLDER f32|bf16 naive|dynamic THREADS

Prints {"ready": true} once the model is loaded, then answers each workload line on standard input with one
measurement line (shapes: Workload and Measurement in ../peer.ts). In a closed loop each client sends its next request
when its last is answered; in an open loop every request waits from its own time on.

- `naive`: batches of 4, or of every client where there are fewer.
- `dynamic`: the batch size starts at 8 and after each batch grows by 2 below 80 % memory use, else shrinks by 1,
  between 4 and 32.

A batch takes what waits and never sits out a timeout.

Every row is computed until the longest row ends, as padded `generate` does, and a row's tokens past its own limit are
dropped. Results are delivered at the end of a batch, so time to first token equals latency.
"""

import json
import sys
import time
from collections import deque

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16}


class NaiveSize:
    """Always four rows."""

    current = 4

    def after_batch(self) -> None:
        pass


class DynamicSize:
    """Grows while memory allows, as the adaptive scheduler that this peer stands for does."""

    SMALLEST, LARGEST, MEMORY_THRESHOLD = 4, 32, 0.8

    def __init__(self):
        self.current = 8

    def after_batch(self) -> None:
        step = 2 if memory_use() < self.MEMORY_THRESHOLD else -1
        self.current = min(self.LARGEST, max(self.SMALLEST, self.current + step))


SIZES = {"naive": NaiveSize, "dynamic": DynamicSize}


def memory_use() -> float:
    """The share of the machine's memory in use, 0 to 1 (Linux)."""
    with open("/proc/meminfo", encoding="ascii") as file:
        kib = {line.split(":")[0]: int(line.split()[1]) for line in file}
    return 1 - kib["MemAvailable"] / kib["MemTotal"]


class PaddedGenerator:
    """`model.generate` on a left-padded batch of prompts."""

    def __init__(self, folder: str, dtype: torch.dtype):
        self._tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
        self._tokenizer.pad_token = self._tokenizer.eos_token
        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()

    @torch.inference_mode()
    def run(self, batch: list[dict], sampling: dict) -> None:
        prompts = self._tokenizer([request["prompt"] for request in batch], return_tensors="pt", padding=True)
        output = self._model.generate(
            **prompts,
            max_new_tokens=max(request["maxTokens"] for request in batch),
            do_sample=True,
            temperature=sampling["temperature"],
            top_k=sampling["topK"],
            top_p=sampling["topP"],
            eos_token_id=None,
            pad_token_id=self._tokenizer.pad_token_id,
        )
        prompt_length = prompts["input_ids"].shape[1]
        limits = [request["maxTokens"] for request in batch]
        rows = [row[:limit] for row, limit in zip(output[:, prompt_length:].tolist(), limits)]
        self._tokenizer.batch_decode(rows)


class Arrivals:
    """The requests that wait, each with the time it was sent at."""

    def __init__(self, requests: list[dict], clients: int):
        self._unsent = deque(requests)
        self._waiting = deque()
        self._start = time.perf_counter()
        self._open_loop = "atMs" in requests[0]
        if not self._open_loop:
            for _ in range(clients):
                self.answered()

    def take(self, most: int) -> list[tuple[dict, float]]:
        """At least one, or none when all have been taken."""
        if self._open_loop:
            self._arrive()
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def answered(self) -> None:
        """A client has its answer; in a closed loop it sends the next request."""
        if self._unsent and not self._open_loop:
            self._waiting.append((self._unsent.popleft(), time.perf_counter()))

    def _arrive(self) -> None:
        while self._unsent:
            left = self._due() - time.perf_counter()
            if left <= 0:
                sent = self._due()
                self._waiting.append((self._unsent.popleft(), sent))
            elif self._waiting:
                return
            else:
                time.sleep(left)

    def _due(self) -> float:
        return self._start + self._unsent[0]["atMs"] / 1000


def measure(generator: PaddedGenerator, size: NaiveSize | DynamicSize, workload: dict) -> dict:
    start = time.perf_counter()
    arrivals = Arrivals(workload["requests"], workload["concurrency"])
    samples = []
    while taken := arrivals.take(size.current):
        generator.run([request for request, _ in taken], workload["sampling"])
        end = time.perf_counter()
        for request, sent in taken:
            latency_ms = (end - sent) * 1000
            samples.append({"ttftMs": latency_ms, "latencyMs": latency_ms, "outputTokens": request["maxTokens"]})
            arrivals.answered()
        size.after_batch()
    return {"wallMs": (time.perf_counter() - start) * 1000, "samples": samples}


def main() -> None:
    folder, dtype, policy, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    generator = PaddedGenerator(folder, DTYPES[dtype])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(generator, SIZES[policy](), json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
