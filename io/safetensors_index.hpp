#pragma once

#include <ctgrad/io/safetensors.hpp>

#include <set>

/// Models in several safetensors files: a folder of shards, and an index that says which shard holds a
/// tensor: {"metadata": {...}, "weight_map": {"head.weight": "model-00002-of-00002.safetensors", ...}}.
namespace ctgrad::io {

/// Which shard holds a tensor, by the tensor's name.
using WeightMap = std::map<std::string, std::string, std::less<>>;

/// How the bytes of tensors come into memory: see read_safetensors and map_safetensors.
enum class Access : std::uint8_t { read, map };

/// Whether a path is that of an index, by its end.
inline bool names_an_index(const std::filesystem::path& path) { return path.extension() == ".json"; }

/// Parses JSON in which no object has a key twice. Throws SafetensorsError otherwise.
inline nlohmann::json parse_unique_keys(const std::string& file, std::string_view text) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const auto follow = [&](int, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second) {
      throw SafetensorsError(file, "index", "each key once", in_quotes(parsed.get<std::string>()) + " again");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text, follow);
  } catch (const nlohmann::json::exception& error) {
    throw SafetensorsError(file, "index", "JSON", shown(error.what()));
  }
}

/// Whether a shard's name is a path that stays in the folder of its index.
inline bool stays_in_the_folder(const std::string& name) {
  const std::filesystem::path path(name);
  return !path.empty() && path.is_relative() && name.find('\0') == std::string::npos &&
         std::ranges::find(path, std::filesystem::path("..")) == path.end();
}

/// Reads an index's JSON; of what it says beside weight_map nothing is looked at. Throws SafetensorsError
/// unless weight_map is an object of strings that are paths within the index's folder.
inline WeightMap parse_index(const std::string& file, std::string_view text) {
  const nlohmann::json index = parse_unique_keys(file, text);
  const auto found = index.is_object() ? index.find("weight_map") : index.end();
  if (!index.is_object() || found == index.end() || !found->is_object()) {
    throw SafetensorsError(file, "index", "an object with an object 'weight_map'",
                           index.is_object() && found != index.end() ? found->type_name()
                           : index.is_object()                       ? "none"
                                                                     : index.type_name());
  }
  WeightMap map;
  for (const auto& [tensor, shard] : found->items()) {
    const std::string place = "weight_map: " + in_quotes(tensor);
    if (!shard.is_string()) throw SafetensorsError(file, place, "a shard's name", shard.type_name());
    const auto& name = shard.get_ref<const std::string&>();
    if (!stays_in_the_folder(name))
      throw SafetensorsError(file, place, "a path within the index's folder", in_quotes(name));
    map.emplace(tensor, name);
  }
  return map;
}

/// The shards that a map names, read from a folder. Throws SafetensorsError, naming the index `file`, for one
/// that cannot be read, and what read_safetensors throws for one that is not sound.
inline std::map<std::string, Safetensors> read_shards(const std::string& file, const WeightMap& map,
                                                      const std::filesystem::path& folder, Access access) {
  std::map<std::string, Safetensors> shards;
  for (const auto& [tensor, shard] : map) {
    if (shards.contains(shard)) continue;
    try {
      const std::filesystem::path path = folder / shard;
      shards.emplace(shard, access == Access::map ? map_safetensors(path) : read_safetensors(path));
    } catch (const std::system_error& error) {
      throw SafetensorsError(file, "weight_map: " + in_quotes(tensor),
                             "a shard " + in_quotes(shard) + " that can be read", error.what());
    }
  }
  return shards;
}

/// Reads an index and all shards that it names. Throws std::system_error if the index cannot be read, and
/// SafetensorsError, naming the index, for one that parse_index refuses, a shard that cannot be read, a
/// tensor that its shard lacks and one that a shard holds and the index does not name there; and what
/// read_safetensors throws for a shard that is not sound.
inline Safetensors read_safetensors_index(const std::filesystem::path& path, Access access = Access::read) {
  const std::string file = shown(path.native(), 1000);
  const WeightMap map = parse_index(file, read_file(path, header_limit));
  const auto shards = std::make_shared<const std::map<std::string, Safetensors>>(
      read_shards(file, map, path.parent_path(), access));
  Safetensors::Tensors tensors;
  for (const auto& [tensor, shard] : map) {
    const Safetensors& holder = shards->at(shard);
    if (!holder.contains(tensor)) {
      throw SafetensorsError(file, "weight_map: " + in_quotes(tensor),
                             "a tensor of that name in its shard " + in_quotes(shard), "none");
    }
    tensors.emplace(tensor, holder.at(tensor));
  }
  for (const auto& [shard, holder] : *shards) {
    for (const std::string& tensor : holder.names()) {
      const auto entry = map.find(tensor);
      if (entry != map.end() && entry->second == shard) continue;
      throw SafetensorsError(file, "weight_map: " + in_quotes(tensor), in_quotes(shard) + ", which holds it",
                             entry == map.end() ? "no entry" : in_quotes(entry->second));
    }
  }
  return {file, std::move(tensors), shards};
}

/// What is in the file at `path`: of an index (its name ends with .json), what is in its shards.
inline Safetensors read_tensors(const std::filesystem::path& path, Access access = Access::read) {
  if (names_an_index(path)) return read_safetensors_index(path, access);
  return access == Access::map ? map_safetensors(path) : read_safetensors(path);
}

}  // namespace ctgrad::io
