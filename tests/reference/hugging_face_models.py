"""Writes bert.safetensors and gpt2.safetensors: small models of transformers with random parameters, under the names that
their public files have, and what they give."""
import torch
import transformers
from safetensors.torch import save_file

VOCABULARY, LENGTH, WIDTH, HEADS, HIDDEN, LAYERS = 29, 10, 8, 2, 12, 2
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
metadata = {"torch": torch.__version__, "transformers": transformers.__version__}


def random_parameters(model):
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.5)
    return model.eval()


def tensors(model, prefix, values=lambda parameter: parameter.detach()):
    """Named parameters, without the second name of one that has two."""
    return {f"{prefix}{name}": values(parameter).clone() for name, parameter in model.named_parameters()}


def bert():
    model = random_parameters(transformers.BertForPreTraining(transformers.BertConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
        intermediate_size=HIDDEN, max_position_embeddings=LENGTH, type_vocab_size=2, hidden_act="gelu",
        layer_norm_eps=1e-12, attn_implementation="eager")))
    file = tensors(model, "model/") | {"model/bert.embeddings.position_ids": torch.arange(LENGTH)[None]}
    lengths = torch.tensor([7, 4, 1])
    ids = torch.randint(VOCABULARY, (3, 7))
    types = torch.randint(2, (3, 7))
    seen = torch.arange(7)[None] < lengths[:, None]
    encoded = model.bert(ids, attention_mask=seen.long(), token_type_ids=types)
    hidden, pooled = encoded.last_hidden_state, encoded.pooler_output
    mean = (hidden * seen[..., None]).sum(1) / lengths[:, None]
    embedding = torch.nn.functional.normalize(mean, dim=1)
    weights, pooled_weights = torch.randn(3, WIDTH), torch.randn(3, WIDTH)
    loss = (embedding * weights).sum() + (pooled * pooled_weights).sum()
    loss.backward()
    file |= tensors(model.bert, "grad/bert.", lambda parameter: parameter.grad)
    one_type = model.bert(ids, attention_mask=seen.long()).last_hidden_state
    file |= {"ids": ids.int(), "types": types.int(), "lengths": lengths.int(), "hidden": hidden, "pooled": pooled,
             "embedding": embedding, "one_type": one_type, "weights": weights, "pooled_weights": pooled_weights,
             "loss": loss}
    save_file({name: value.detach().contiguous() for name, value in file.items()}, "bert.safetensors", metadata)


def gpt2():
    model = random_parameters(transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=VOCABULARY, n_positions=LENGTH, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, n_inner=HIDDEN,
        activation_function="gelu_new", layer_norm_epsilon=1e-5, bos_token_id=0, eos_token_id=0,
        attn_implementation="eager")))
    file = tensors(model.transformer, "model/")
    for layer in range(LAYERS):
        file[f"model/h.{layer}.attn.bias"] = torch.ones(LENGTH, LENGTH).tril()[None, None]
    ids = torch.randint(VOCABULARY, (2, LENGTH))
    logits = model(ids).logits
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    loss.backward()
    file |= tensors(model.transformer, "grad/", lambda parameter: parameter.grad)
    written = model.generate(ids[:, :2], attention_mask=torch.ones(2, 2).long(), max_new_tokens=8, do_sample=False,
                             eos_token_id=None, pad_token_id=0)[:, 2:]
    file |= {"ids": ids.int(), "logits": logits, "loss": loss, "written": written.int()}
    save_file({name: value.detach().contiguous() for name, value in file.items()}, "gpt2.safetensors", metadata)


bert()
gpt2()
