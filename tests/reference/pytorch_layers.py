"""Writes pytorch_layers.safetensors: torch.nn's encoder and decoder with random parameters, and what they give."""
import torch
from safetensors.torch import save_file

WIDTH, HEADS, HIDDEN, LAYERS, BATCH, SOURCE, TARGET = 6, 2, 10, 2, 2, 5, 4
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)

options = dict(d_model=WIDTH, nhead=HEADS, dim_feedforward=HIDDEN, dropout=0.1, layer_norm_eps=1e-5, batch_first=True)
encoder = torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(**options), LAYERS, enable_nested_tensor=False)
decoder = torch.nn.TransformerDecoder(torch.nn.TransformerDecoderLayer(**options), LAYERS)

file = {}
for name, model in {"encoder": encoder.eval(), "decoder": decoder.eval()}.items():
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.5)
    for key, value in model.state_dict().items():
        file[f"{name}.{key}"] = value
with torch.no_grad():
    source, target = torch.randn(BATCH, SOURCE, WIDTH), torch.randn(BATCH, TARGET, WIDTH)
    causal = torch.ones(TARGET, TARGET, dtype=torch.bool).triu(1)  # True: may not look
    encoded = encoder(source)
    decoded = decoder(target, encoded, tgt_mask=causal)
file |= {"source": source, "target": target, "encoded": encoded, "decoded": decoded}
save_file(file, "pytorch_layers.safetensors", {"torch": torch.__version__})
