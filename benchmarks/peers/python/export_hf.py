"""Writes a GGUF's weights and tokenizer as a Hugging Face model folder, and checks that the tokenizer survived.

    python export_hf.py MODEL.gguf FOLDER
"""

import sys

from transformers import AutoTokenizer

from gguf_gpt2 import Gpt2Gguf

PROBE = "The future of artificial intelligence isn't written: 42 naïve café tests,\n  two spaces."


def main() -> None:
    source, folder = sys.argv[1:]
    Gpt2Gguf(source).export(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if tokenizer.decode(tokenizer(PROBE)["input_ids"]) != PROBE:
        sys.exit(f"{folder}: the exported tokenizer does not give back the text it is given")


if __name__ == "__main__":
    main()
