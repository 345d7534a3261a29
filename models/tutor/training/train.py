"""Trains the tutor on `data/train.tsv`: `python -m training.train --steps N`.

Only the answer's tokens count in the loss. Each worker is a process with one thread and its own share of every step's
batch; they meet once a step, to average their gradients, which suits a machine that others use too better than threads
that wait for each other at every operation. A checkpoint is written every two minutes and at the end; the same command
run again goes on from it. Same seed, steps and workers: same model.
"""

import argparse
import math
import os
import time
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import torch
import torch.distributed
import torch.multiprocessing
from torch.nn import functional

from .bpe import Tokenizer, learn
from .data import IGNORED, Encoded, encode, forever, tensors
from .evaluate import exactly_right, read_held_out, table
from .gguf_file import read_merges, read_weights
from .model import Shape, Tutor
from .splits import HERE, TRAIN_FILE

RUN = HERE / "runs"
CHECKPOINT, TOKENIZER, ENCODED = RUN / "checkpoint.pt", RUN / "tokenizer.json", RUN / "train.npz"
SECONDS_BETWEEN_CHECKPOINTS = 120


def read_pairs() -> list[tuple[str, str]]:
    lines = TRAIN_FILE.read_text(encoding="utf-8").splitlines()
    return [(wrong, right) for wrong, right in (line.split("\t") for line in lines)]


def prepare(options: argparse.Namespace) -> None:
    """Encodes the training sentences, unless a run has done so since they were made.

    The tokenizer is that of the model to start from, else learned from the first run's sentences.
    """
    if ENCODED.exists() and ENCODED.stat().st_mtime > TRAIN_FILE.stat().st_mtime:
        return
    RUN.mkdir(exist_ok=True)
    pairs = read_pairs()
    if not TOKENIZER.exists():
        merges = read_merges(options.start) if options.start else learn(text for pair in pairs for text in pair)
        Tokenizer(merges).save(TOKENIZER)
    encode(pairs, Tokenizer.load(TOKENIZER), Shape.context, options.varied_share, options.seed).save(ENCODED)


def load_model() -> tuple[Tutor, Tokenizer]:
    """The last checkpoint's model and tokenizer."""
    state = torch.load(CHECKPOINT, weights_only=True)
    model = Tutor(Shape(**state["shape"]))
    model.load_state_dict(state["model"])
    return model.eval(), Tokenizer.load(TOKENIZER)


def learning_rate(step: int, steps: int, peak: float, warm_up: int) -> float:
    """Linear warm-up, level for the first third, then straight down to zero.

    While the rate is level, `steps` may still be changed between two runs of the command without changing the result.
    """
    level_until = steps // 3
    if step < level_until:
        return peak * min(1.0, (step + 1) / warm_up)
    return peak * (steps - step) / (steps - level_until)


class Trainer:
    """A model, its optimizers (Muon for the layers' matrices, AdamW for the rest) and the step they have reached."""

    def __init__(self, shape: Shape, options: argparse.Namespace) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.model = Tutor(shape)
        matrices = [p for name, p in self.model.named_parameters() if p.dim() == 2 and name.startswith("blk.")]
        others = [p for name, p in self.model.named_parameters() if p.dim() < 2 or not name.startswith("blk.")]
        self.optimizers = [
            torch.optim.Muon(matrices, lr=options.peak, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(others, lr=options.peak, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
        ]
        self.step = 0

    def save(self) -> None:
        """Writes beside the checkpoint and renames, so that a stop in between leaves the old one."""
        partial = CHECKPOINT.with_suffix(".partial")
        torch.save({"model": self.model.state_dict(), "shape": asdict(self.model.shape), "step": self.step,
                    "optimizers": [optimizer.state_dict() for optimizer in self.optimizers]}, partial)
        partial.rename(CHECKPOINT)

    def resume(self) -> None:
        """Goes on from the checkpoint, else from the GGUF file to start from, else from random weights."""
        if self.options.start and not CHECKPOINT.exists():
            read_weights(self.options.start, self.model)
        if CHECKPOINT.exists():
            state = torch.load(CHECKPOINT, weights_only=True)
            self.model.load_state_dict(state["model"])
            for optimizer, saved in zip(self.optimizers, state["optimizers"]):
                optimizer.load_state_dict(saved)
            self.step = state["step"]

    def learn_from(self, inputs: torch.Tensor, targets: torch.Tensor) -> float:
        """One step of the optimizer; returns the loss."""
        rate = learning_rate(self.step, self.options.steps, self.options.peak, self.options.warm_up)
        for group in (group for optimizer in self.optimizers for group in optimizer.param_groups):
            group["lr"] = rate
        counted = targets != IGNORED
        loss = functional.cross_entropy(self.model.logits(self.model.hidden(inputs)[counted]), targets[counted])
        loss.backward()
        self._average_gradients()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
        return loss.item()

    def _average_gradients(self) -> None:
        gradients = [parameter.grad for parameter in self.model.parameters()]
        together = torch.cat([gradient.reshape(-1) for gradient in gradients])
        torch.distributed.all_reduce(together)
        together /= self.options.workers
        for gradient, mean in zip(gradients, together.split([gradient.numel() for gradient in gradients])):
            gradient.copy_(mean.view_as(gradient))

    def run(self, data: Encoded, tokenizer: Tokenizer, worker: int) -> None:
        """Trains up to the last step; the first worker reports, evaluates and saves."""
        workers, first = self.options.workers, worker == 0
        stream = forever(data, self.options.batch_tokens // workers, self.options.seed)
        last = min(self.options.steps, self.options.stop_at or self.options.steps)
        mine = islice(stream, self.step * workers + worker, last * workers, workers)
        records = read_held_out()
        saved = reported = time.monotonic()
        loss_sum, seen = 0.0, 0
        for indices in mine:
            inputs, targets = tensors(data, indices, tokenizer.end)
            loss_sum += self.learn_from(inputs, targets)
            seen += inputs.numel()
            if not first:
                continue
            if self.step % 50 == 0:
                seconds = time.monotonic() - reported
                print(f"step {self.step:5} loss {loss_sum / 50:.4f} {workers * seen / seconds:6.0f} tokens/s", flush=True)
                loss_sum, seen, reported = 0.0, 0, time.monotonic()
            if self.step % self.options.evaluate_every == 0:
                print(table(records, exactly_right(self.model, tokenizer, records)), flush=True)
                reported = time.monotonic()
            if time.monotonic() - saved > SECONDS_BETWEEN_CHECKPOINTS:
                self.save()
                saved = time.monotonic()
        if first:
            self.save()


def work(worker: int, options: argparse.Namespace) -> None:
    """One worker's whole life."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", rank=worker, world_size=options.workers)
    tokenizer, data = Tokenizer.load(TOKENIZER), Encoded.load(ENCODED)
    trainer = Trainer(Shape(len(tokenizer.tokens), layers=options.layers), options)
    if worker == 0:
        size = sum(parameter.numel() for parameter in trainer.model.parameters())
        print(f"{size:,} parameters, {len(data.answers):,} pairs, {len(data.tokens):,} tokens", flush=True)
    trainer.resume()
    torch.distributed.barrier()
    trainer.run(data, tokenizer, worker)
    torch.distributed.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, required=True, help="steps in all")
    parser.add_argument("--stop-at", type=int, help="stop with a checkpoint at this step already")
    parser.add_argument("--batch-tokens", type=int, default=6144, help="tokens of a step, all workers together")
    parser.add_argument("--peak", type=float, default=3e-3, help="highest learning rate")
    parser.add_argument("--warm-up", type=int, default=80, help="steps")
    parser.add_argument("--evaluate-every", type=int, default=400, help="steps")
    parser.add_argument("--from", dest="start", type=Path, metavar="FILE.gguf", help="start from this model's weights")
    parser.add_argument("--layers", type=int, default=Shape.layers, help="more than --from has: the new ones begin idle")
    parser.add_argument("--varied-share", type=float, default=0.15, help="words cut into unusual pieces, of those copied")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--port", type=int, default=29533, help="where the workers meet, on this machine")
    options = parser.parse_args()
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(options.port))
    prepare(options)
    torch.multiprocessing.spawn(work, (options,), options.workers)


if __name__ == "__main__":
    main()
