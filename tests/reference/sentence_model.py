"""Writes sentence_model/, a small BERT of random parameters in the files that such models are published in, and texts with the
vectors that transformers makes of them."""
import json
import pathlib

import tokenizers
import torch
import transformers
from safetensors.torch import save_file

WIDTH, HEADS, HIDDEN, LAYERS, LENGTH, MOST_TOKENS = 8, 2, 12, 2, 40, 32
FOLDER = pathlib.Path("sentence_model")
TOKENS = ("[PAD] [UNK] [CLS] [SEP] [MASK] a the cat dog sat ran on mat hat big red ##s ##ly ##ing play sleep cafe . , ? ! 1 2 "
          "##3 is in two men one woman 中 文").split()
TEXTS = ["", "A cat sat on the mat.", "a dog ran", "The big red cats play, sleeping on the mat!", "Café?", "two men", "one woman",
         "is the DOG in the hat? 123", "unknown words 中文", " ".join(["the red dog ran"] * 7), " ".join(["a cat"] * 30),
         "the cat sat on the mat", "redly", "!"]

torch.manual_seed(3)
FOLDER.mkdir(exist_ok=True)
(FOLDER / "vocab.txt").write_text("".join(token + "\n" for token in TOKENS), encoding="utf-8")
tokenizer = tokenizers.BertWordPieceTokenizer(str(FOLDER / "vocab.txt"), lowercase=True)
tokenizer.enable_truncation(MOST_TOKENS)
config = transformers.BertConfig(
    vocab_size=len(TOKENS), hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
    intermediate_size=HIDDEN, max_position_embeddings=LENGTH, type_vocab_size=2, hidden_act="gelu", layer_norm_eps=1e-12,
    attn_implementation="eager")
model = transformers.BertModel(config, add_pooling_layer=False).eval()
for name, parameter in model.named_parameters():  # norms that leave texts apart
    torch.nn.init.normal_(parameter, float(name.endswith("LayerNorm.weight")), 0.2 if "LayerNorm" in name else 0.7)
save_file({name: value.detach().contiguous() for name, value in model.named_parameters()}, FOLDER / "model.safetensors")
keys = ("model_type", "hidden_act", "vocab_size", "max_position_embeddings", "type_vocab_size", "hidden_size",
        "num_attention_heads", "intermediate_size", "num_hidden_layers", "layer_norm_eps")
(FOLDER / "config.json").write_text(json.dumps({key: config.to_dict()[key] for key in keys}, indent=1) + "\n")
(FOLDER / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": MOST_TOKENS}) + "\n")

model = model.double()
ids = [tokenizer.encode(text).ids for text in TEXTS]
with torch.inference_mode():
    vectors = [torch.nn.functional.normalize(model(torch.tensor([sentence])).last_hidden_state.mean(1), dim=1)[0].tolist()
               for sentence in ids]
lines = [json.dumps({"text": text, "ids": sentence, "embedding": vector}, ensure_ascii=False) + "\n"
         for text, sentence, vector in zip(TEXTS, ids, vectors)]
(FOLDER / "texts.jsonl").write_text("".join(lines), encoding="utf-8")
