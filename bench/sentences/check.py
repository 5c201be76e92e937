"""Holds the vectors that 10_sentences makes of a CSV file's sentences against those of transformers.

usage: check.py PROGRAM MODEL CSV FOLDER

CSV has two sentences and a person's score of how similar they are in every line. FOLDER takes what the program writes.
Closes with a figure; exits non-zero when a bar is missed."""
import csv
import json
import pathlib
import subprocess
import sys

import numpy
import tokenizers
import torch
import transformers

BAR, SPEARMAN_BAR = 2e-6, 5e-6
MOST_TOKENS = 256


def read_pairs(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [(first, second, float(score)) for first, second, score in csv.reader(file)]


def reference_ids(model, sentences):
    tokenizer = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    return [encoding.ids for encoding in tokenizer.encode_batch(sentences)]


@torch.inference_mode()
def reference_vectors(model, ids, dtype):
    """The mean of the tokens' hidden states, of length 1. Sentences of one length are computed together, so that none is
    padded."""
    transformers.utils.logging.disable_progress_bar()
    bert = transformers.BertModel.from_pretrained(model, add_pooling_layer=False, attn_implementation="eager")
    bert = bert.to(dtype).eval()
    vectors = numpy.empty((len(ids), bert.config.hidden_size), torch.zeros(0, dtype=dtype).numpy().dtype)
    for length in sorted({len(sentence) for sentence in ids}):
        rows = [row for row, sentence in enumerate(ids) if len(sentence) == length]
        for begin in range(0, len(rows), 32):
            some = rows[begin:begin + 32]
            hidden = bert(torch.tensor([ids[row] for row in some])).last_hidden_state
            vectors[some] = torch.nn.functional.normalize(hidden.mean(1), dim=1).numpy()
    return vectors


def embedded(program, model, sentences, folder):
    """Ids and vectors as the program gives them, which it writes in two ways."""
    texts, array = folder / "sentences.txt", folder / "vectors.npy"
    if any("\n" in sentence or "\r" in sentence for sentence in sentences):
        sys.exit("sentences --check: expected sentences of one line each")
    texts.write_text("".join(sentence + "\n" for sentence in sentences), encoding="utf-8")
    command = [program, "--model", str(model), "--file", str(texts), "--json", "--npy", str(array)]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if run.returncode != 0:
        sys.exit(run.returncode)
    lines = [json.loads(line) for line in run.stdout.decode().splitlines()]
    vectors = numpy.load(array)
    if [line["text"] for line in lines] != sentences:
        sys.exit("sentences --check: expected the sentences in their order, got others")
    if not numpy.array_equal(vectors, numpy.array([line["embedding"] for line in lines], numpy.float32)):
        sys.exit("sentences --check: expected the same vectors from --json and --npy, got others")
    return [line["ids"] for line in lines], vectors


def ranks(numbers):
    """Of every number, from 0; equal ones share the mean of theirs."""
    _, inverse, counts = numpy.unique(numbers, return_inverse=True, return_counts=True)
    ends = numpy.cumsum(counts)
    return (ends - (counts + 1) / 2)[inverse]


def spearman(vectors, scores):
    """The rank correlation of the cosines of neighbouring rows with people's scores."""
    rows = vectors.astype(numpy.float64)
    cosines = (rows[0::2] * rows[1::2]).sum(1)
    return numpy.corrcoef(ranks(cosines), ranks(numpy.array(scores)))[0, 1]


def difference(a, b):
    return numpy.abs(a.astype(numpy.float64) - b).max()


def main():
    program, model, data, folder = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
    pairs = read_pairs(data)
    sentences = [sentence for pair in pairs for sentence in pair[:2]]
    scores = [score for _, _, score in pairs]
    ids, vectors = embedded(program, model, sentences, folder)
    expected_ids = reference_ids(model, sentences)
    equal = sum(ours == theirs for ours, theirs in zip(ids, expected_ids, strict=True))
    single = reference_vectors(model, expected_ids, torch.float32)
    double = reference_vectors(model, expected_ids, torch.float64)
    largest = difference(vectors, single)
    ours, theirs = spearman(vectors, scores), spearman(single, scores)
    print(f"transformers {transformers.__version__}, torch {torch.__version__}, tokenizers {tokenizers.__version__}")
    print(f"from the same in float64: ctgrad {difference(vectors, double):.2e}, transformers in float32 "
          f"{difference(single, double):.2e}")
    good = equal == len(sentences) and largest <= BAR and abs(ours - theirs) < SPEARMAN_BAR
    print(f"sentences: ids equal {equal}/{len(sentences)}, largest difference {largest:.2e} (bar {BAR:.0e}), Spearman "
          f"{ours:.6f}, transformers {theirs:.6f}: {'ok' if good else 'MISSED'}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
