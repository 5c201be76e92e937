// The encoder in libtorch, PyTorch's C++ library, as a worker in the comparison of frameworks. peers.sh
// compiles it against the library that comes with PyTorch.
#include "../../../examples/support/program.hpp"
#include "../worker.hpp"

#include <ctgrad/io/safetensors.hpp>
#include <ctgrad/io/safetensors_writer.hpp>

#include <torch/torch.h>

#include <map>
#include <optional>

namespace {

namespace io = ctgrad::io;
namespace functional = torch::nn::functional;

/// A third of the rows of a tensor, or all of it; of a weight, what ctgrad calls it is its transpose.
struct Place {
  std::string name;
  int third = -1;

  torch::Tensor in(const torch::Tensor& whole) const {
    const torch::Tensor rows = third < 0 ? whole : whole.chunk(3)[static_cast<std::size_t>(third)];
    return name.ends_with(".weight") ? rows.t() : rows;
  }
};

struct LayerImpl : torch::nn::Module {
  LayerImpl(std::int64_t width, std::int64_t layer_heads, std::int64_t hidden)
      : heads(layer_heads),
        query_key_value(register_module("query_key_value", torch::nn::Linear(width, 3 * width))),
        output(register_module("output", torch::nn::Linear(width, width))),
        attention_norm(register_module("attention_norm", norm(width))),
        expand(register_module("expand", torch::nn::Linear(width, hidden))),
        contract(register_module("contract", torch::nn::Linear(hidden, width))),
        feed_forward_norm(register_module("feed_forward_norm", norm(width))) {}

  torch::Tensor forward(torch::Tensor x) {
    const auto batch = x.size(0), length = x.size(1), width = x.size(2);
    const auto parts =
        query_key_value(x).view({batch, length, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    const auto attended = torch::scaled_dot_product_attention(parts[0], parts[1], parts[2]);
    x = attention_norm(x + output(attended.transpose(1, 2).reshape({batch, length, width})));
    return feed_forward_norm(x + contract(torch::relu(expand(x))));
  }

  static torch::nn::LayerNorm norm(std::int64_t width) {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(1e-6));
  }

  std::int64_t heads;
  torch::nn::Linear query_key_value, output;
  torch::nn::LayerNorm attention_norm;
  torch::nn::Linear expand, contract;
  torch::nn::LayerNorm feed_forward_norm;
};
TORCH_MODULE(Layer);

/// Sizes as the file of parameters has them.
struct Sizes {
  std::int64_t layers, width, heads, hidden, vocabulary, length;
};

struct EncoderImpl : torch::nn::Module {
  explicit EncoderImpl(const Sizes& sizes)
      : tokens(register_module("tokens", torch::nn::Embedding(sizes.vocabulary, sizes.width))),
        positions(register_parameter("positions", torch::empty({sizes.length, sizes.width}))),
        head(register_module("head", torch::nn::Linear(sizes.width, sizes.vocabulary))) {
    for (std::int64_t i = 0; i < sizes.layers; ++i)
      layers->push_back(Layer(sizes.width, sizes.heads, sizes.hidden));
    register_module("layers", layers);
  }

  torch::Tensor forward(const torch::Tensor& ids) {
    torch::Tensor x = tokens(ids) + positions;
    for (const auto& layer : *layers) x = layer->as<Layer>()->forward(x);
    return head(x);
  }

  torch::nn::Embedding tokens;
  torch::Tensor positions;
  torch::nn::ModuleList layers;
  torch::nn::Linear head;
};
TORCH_MODULE(Encoder);

/// Where each of ctgrad's parameters lies, by the names of libtorch's.
std::multimap<std::string, Place> places(std::int64_t layers) {
  std::multimap<std::string, Place> found{{"tokens.weight", {"tokens.table"}},
                                          {"positions", {"positions.table"}},
                                          {"head.weight", {"head.weight"}},
                                          {"head.bias", {"head.bias"}}};
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::string theirs = "layers." + std::to_string(i) + ".", ours = "encoder." + theirs;
    for (const std::string kind : {"weight", "bias"}) {
      int third = 0;
      for (const std::string part : {"query.", "key.", "value."})
        found.insert({theirs + "query_key_value." + kind, {ours + "attention." + part + kind, third++}});
      found.insert({theirs + "output." + kind, {ours + "attention.output." + kind}});
      found.insert({theirs + "expand." + kind, {ours + "feed_forward.expand." + kind}});
      found.insert({theirs + "contract." + kind, {ours + "feed_forward.contract." + kind}});
    }
    for (const std::string norm : {"attention_norm", "feed_forward_norm"}) {
      found.insert({theirs + norm + ".weight", {ours + norm + ".scale"}});
      found.insert({theirs + norm + ".bias", {ours + norm + ".shift"}});
    }
  }
  return found;
}

template <class T>
torch::Tensor tensor_of(const io::Safetensors& file, const std::string& name) {
  const auto entry = file.at(name);
  const std::vector<std::int64_t> shape(entry.shape.begin(), entry.shape.end());
  const auto array = file.read<T>(name);
  return torch::from_blob(const_cast<T*>(array.data()), shape, torch::CppTypeToScalarType<T>::value).clone();
}

Sizes sizes_of(const io::Safetensors& file) {
  const auto extent = [&](const char* name, std::size_t axis) {
    return static_cast<std::int64_t>(file.at(name).shape.at(axis));
  };
  std::int64_t layers = 0;
  while (file.contains("encoder.layers." + std::to_string(layers) + ".attention.query.weight")) ++layers;
  return {layers,
          extent("tokens.table", 1),
          std::stol(file.metadata().at("heads")),
          extent("encoder.layers.0.feed_forward.expand.weight", 1),
          extent("tokens.table", 0),
          extent("positions.table", 0)};
}

class LibtorchWorker : public bench::Worker {
 public:
  explicit LibtorchWorker(const std::filesystem::path& path)
      : file_(io::read_safetensors(path)),
        sizes_(sizes_of(file_)),
        model_(sizes_),
        places_(places(sizes_.layers)),
        ids_(tensor_of<std::int32_t>(file_, "ids").to(torch::kLong)),
        targets_(tensor_of<std::int32_t>(file_, "targets").to(torch::kLong).flatten()) {
    reset();
  }

  void reset() override {
    const torch::NoGradGuard no_gradients;
    for (const auto& item : model_->named_parameters()) {
      for (auto [place, end] = places_.equal_range(item.key()); place != end; ++place)
        place->second.in(item.value()).copy_(tensor_of<float>(file_, place->second.name));
    }
    adam_.emplace(model_->parameters(), torch::optim::AdamOptions(1e-3).eps(1e-8));
  }

  float forward() override {
    const c10::InferenceMode guard;
    return loss().item<float>();
  }

  float step() override {
    adam_->zero_grad();
    const torch::Tensor value = loss();
    value.backward();
    adam_->step();
    return value.item<float>();
  }

  float write_gradients(const std::filesystem::path& path) override {
    reset();
    adam_->zero_grad();
    const torch::Tensor value = loss();
    value.backward();
    std::vector<torch::Tensor> kept;
    std::vector<io::NamedTensor> tensors;
    for (const auto& item : model_->named_parameters()) {
      for (auto [place, end] = places_.equal_range(item.key()); place != end; ++place) {
        const torch::Tensor gradient = place->second.in(item.value().grad()).contiguous();
        const auto count = static_cast<std::size_t>(gradient.numel());
        kept.push_back(gradient);
        tensors.push_back(io::named_tensor(place->second.name,
                                           {gradient.sizes().begin(), gradient.sizes().end()},
                                           std::span<const float>(gradient.const_data_ptr<float>(), count)));
      }
    }
    io::write_safetensors(path, std::move(tensors));
    return value.item<float>();
  }

 private:
  torch::Tensor loss() { return functional::cross_entropy(model_(ids_).flatten(0, 1), targets_); }

  io::Safetensors file_;
  Sizes sizes_;
  Encoder model_;
  std::multimap<std::string, Place> places_;
  torch::Tensor ids_, targets_;
  std::optional<torch::optim::Adam> adam_;
};

}  // namespace

int main(int argc, char** argv) {
  return program::run("libtorch_worker", [&] {
    if (argc != 2) {
      std::fputs("usage: libtorch_worker FILE\n", stderr);
      return 2;
    }
    const char* threads = std::getenv("OMP_NUM_THREADS");
    torch::set_num_threads(threads == nullptr ? 1 : std::stoi(threads));
    LibtorchWorker worker(argv[1]);
    bench::serve(worker, "libtorch " TORCH_VERSION);
    return 0;
  });
}
