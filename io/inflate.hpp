#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#ifdef CTGRAD_ZLIB
#include <zlib.h>
#endif

/// Deflated bytes, by zlib; CTGRAD_ZLIB, which the target ctgrad::ctgrad defines where zlib was found, says
/// whether there is one.
namespace ctgrad::io {

#ifdef CTGRAD_ZLIB

inline constexpr bool has_zlib = true;

namespace deflated {

inline constexpr std::size_t most_at_once = std::size_t{1} << 30;  // zlib counts in 32 bits

/// Walks two buffers with `call`, which moves zlib's pointers on, until it says that the stream has ended.
/// Gives the bytes that were written; nothing unless the stream ended where `from` does.
template <class Call>
std::optional<std::size_t> walk(z_stream& stream, std::span<const std::byte> from, std::span<std::byte> to,
                                const Call& call) {
  std::byte nothing{};  // zlib refuses null pointers, also to no bytes
  // zlib's pointer is to bytes that it does not change
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(from.empty() ? &nothing : from.data()));
  stream.next_out = reinterpret_cast<Bytef*>(to.empty() ? &nothing : to.data());
  std::size_t in = from.size(), out = to.size();
  int status = Z_OK;
  while (status == Z_OK) {
    stream.avail_in = static_cast<uInt>(std::min(in, most_at_once));
    stream.avail_out = static_cast<uInt>(std::min(out, most_at_once));
    const uInt given = stream.avail_in, room = stream.avail_out;
    status = call(given == in);
    in -= given - stream.avail_in;
    out -= room - stream.avail_out;
    if (status == Z_OK && given == stream.avail_in && room == stream.avail_out) break;
  }
  if (status != Z_STREAM_END || in != 0) return {};
  return to.size() - out;
}

}  // namespace deflated

/// Writes to `to` what a raw deflate stream holds. False unless the stream is sound, ends with `from` and
/// fills `to`; `to` then holds anything. Throws std::bad_alloc.
inline bool inflate(std::span<const std::byte> from, std::span<std::byte> to) {
  z_stream stream{};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  const auto written = deflated::walk(stream, from, to, [&](bool) { return ::inflate(&stream, Z_NO_FLUSH); });
  ::inflateEnd(&stream);
  return written == to.size();
}

/// The bytes as a raw deflate stream. Throws std::bad_alloc.
inline std::vector<std::byte> deflate(std::span<const std::byte> from) {
  z_stream stream{};
  constexpr int memory_level = 8;  // zlib's default
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, &::deflateEnd);
  std::vector<std::byte> to(::deflateBound(&stream, from.size()));
  const auto written = deflated::walk(
      stream, from, to, [&](bool last) { return ::deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH); });
  if (!written) throw std::logic_error("deflate: more bytes than zlib says that there can be");
  to.resize(*written);
  return to;
}

#else

inline constexpr bool has_zlib = false;

inline bool inflate(std::span<const std::byte>, std::span<std::byte>) { return false; }
inline std::vector<std::byte> deflate(std::span<const std::byte>) { return {}; }

#endif

}  // namespace ctgrad::io
