#pragma once

#include <ctgrad/io/safetensors_header.hpp>

#include <algorithm>
#include <optional>

/// Whether the tensors of a header are where they say, in a file with so many bytes of data.
namespace ctgrad::io {

/// What errors call a tensor.
inline std::string tensor_called(std::string_view name) { return "tensor " + in_quotes(name); }

/// Refuses a tensor that does not lie in the data, or has other bytes than its shape and type ask for.
inline void check_size(const std::string& file, const std::string& name, const HeaderEntry& entry,
                       std::size_t available) {
  const auto refuse = [&](const char* field, const std::string& expected, const std::string& got) {
    throw SafetensorsError(file, tensor_called(name) + ": " + field, expected, got);
  };
  if (entry.begin > entry.end || entry.end > available) {
    refuse("data_offsets", "begin <= end <= " + std::to_string(available),
           "[" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]");
  }
  const std::optional<std::size_t> bytes = byte_count(entry.dtype, entry.shape);
  if (!bytes) return refuse("shape", "a size that can be addressed", "an overflow");
  if (ends_inside_a_byte(entry.dtype, entry.shape)) {
    refuse("shape", "whole bytes of " + entry.dtype_name, shape_text(entry.shape));
  }
  if (entry.dtype != Dtype::other && entry.end - entry.begin != *bytes) {
    refuse("data_offsets", std::to_string(*bytes) + " bytes for its shape",
           std::to_string(entry.end - entry.begin));
  }
}

/// Refuses tensors that overlap, or leave a hole.
inline void check_cover(const std::string& file, const Header& header, std::size_t available) {
  std::vector<std::pair<std::pair<std::size_t, std::size_t>, std::string_view>> ranges;
  for (const auto& [name, entry] : header.tensors) ranges.push_back({{entry.begin, entry.end}, name});
  std::ranges::sort(ranges);
  std::size_t covered = 0;
  for (const auto& [range, name] : ranges) {
    if (range.first != covered) {
      throw SafetensorsError(file, tensor_called(name) + ": data_offsets",
                             "to begin at " + std::to_string(covered) + ", where the tensor before ends",
                             std::to_string(range.first));
    }
    covered = range.second;
  }
  if (covered != available) {
    throw SafetensorsError(file, "data", std::to_string(covered) + " bytes, where the last tensor ends",
                           std::to_string(available));
  }
}

}  // namespace ctgrad::io
