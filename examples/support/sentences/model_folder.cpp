#include "model_folder.hpp"

#include <ctgrad/io/quoted.hpp>
#include <ctgrad/io/read_file.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

using ctgrad::io::shown;
using nlohmann::json;

namespace sentences {

namespace {

/// A file of settings, and what errors call it.
class Settings {
 public:
  explicit Settings(const std::filesystem::path& path) : file_(shown(path.native(), 1000)) {
    constexpr std::size_t most = 1 << 20;
    values_ = json::parse(ctgrad::io::read_file(path, most), nullptr, false);
    if (!values_.is_object()) throw std::invalid_argument(file_ + ": expected an object of JSON, got none");
  }

  /// None where the file is not there.
  static Settings if_there(const std::filesystem::path& path) {
    return std::filesystem::exists(path) ? Settings(path) : Settings();
  }

  /// Throws unless the file says so, or says nothing where it `may_be_missing`.
  void require(const std::string& key, const json& expected, bool may_be_missing = false) const {
    const auto found = values_.find(key);
    if (found == values_.end() && may_be_missing) return;
    if (found != values_.end() && *found == expected) return;
    refuse(key, expected.dump() + ", as the program is compiled for",
           found == values_.end() ? "none" : shown(found->dump()));
  }

  bool flag(const std::string& key, bool otherwise) const {
    const auto found = values_.find(key);
    if (found == values_.end() || found->is_null()) return otherwise;
    if (!found->is_boolean()) refuse(key, "true or false", shown(found->dump()));
    return found->get<bool>();
  }

  /// A count from 2 on.
  std::size_t count(const std::string& key, std::size_t otherwise) const {
    const auto found = values_.find(key);
    if (found == values_.end() || found->is_null()) return otherwise;
    if (!found->is_number_unsigned() || *found < 2)
      refuse(key, "a whole number from 2 on", shown(found->dump()));
    return found->get<std::size_t>();
  }

 private:
  Settings() : values_(json::object()) {}

  [[noreturn]] void refuse(const std::string& key, const std::string& expected,
                           const std::string& got) const {
    throw std::invalid_argument(file_ + ": " + key + ": expected " + expected + ", got " + got);
  }

  std::string file_;
  json values_;
};

void require_sizes(const Settings& config, const ModelSizes& sizes) {
  config.require("model_type", "bert");
  config.require("hidden_act", "gelu");
  config.require("position_embedding_type", "absolute", true);
  config.require("vocab_size", sizes.vocab_size);
  config.require("max_position_embeddings", sizes.max_position_embeddings);
  config.require("type_vocab_size", sizes.type_vocab_size);
  config.require("hidden_size", sizes.hidden_size);
  config.require("num_attention_heads", sizes.num_attention_heads);
  config.require("intermediate_size", sizes.intermediate_size);
  config.require("num_hidden_layers", sizes.num_hidden_layers);
  config.require("layer_norm_eps", sizes.layer_norm_eps);
}

}  // namespace

ModelFolder open_model_folder(const std::filesystem::path& folder, const CompiledModel& compiled) {
  require_sizes(Settings(folder / "config.json"), compiled.sizes);
  const Settings pooling = Settings::if_there(folder / "1_Pooling" / "config.json");
  pooling.require("pooling_mode_mean_tokens", true, true);
  for (const char* other : {"pooling_mode_cls_token", "pooling_mode_max_tokens",
                            "pooling_mode_mean_sqrt_len_tokens", "pooling_mode_lasttoken"})
    pooling.require(other, false, true);

  const Settings tokenizer = Settings::if_there(folder / "tokenizer_config.json");
  ModelFolder model{folder / "model.safetensors", folder / "vocab.txt"};
  model.tokenizer.lower_case = tokenizer.flag("do_lower_case", true);
  model.tokenizer.split_cjk = tokenizer.flag("tokenize_chinese_chars", true);
  model.tokenizer.strip_accents = tokenizer.flag("strip_accents", model.tokenizer.lower_case);
  const Settings texts = Settings::if_there(folder / "sentence_bert_config.json");
  model.most_tokens = std::min(compiled.most_tokens, texts.count("max_seq_length", compiled.most_tokens));
  return model;
}

}  // namespace sentences
