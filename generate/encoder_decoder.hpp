#pragma once

#include <ctgrad/generate/stepwise.hpp>

#include <utility>

namespace ctgrad::generate {

/// What every step needs of a model's sources, to compile.
struct Remember {
  constexpr auto operator()(const auto& model, const auto& source, const auto& lengths) const {
    return model.remember(source, lengths);
  }
};

/// An encoder-decoder, such as nn::Transformer, that writes targets token by token: the encoder runs once a
/// batch of sources, and every token costs one step. Width targets of every source are written side by side.
///
///     generate::EncoderDecoder<Model, 8> decoder;
///     decoder.start(parameters, sources);
///     const auto targets = generate::greedy(decoder, begin, {.end = end});
///
/// The model gives `remember`, `step`, `Memory<Batch>` and `Cache<Batch>` as nn::Transformer does. The
/// parameters are read, where they are, by every step until the next start.
template <class Model, Size Batch, Size Width = 1, class S = float>
class EncoderDecoder : public Stepwise<Model, Batch, Width, S, typename Model::template Memory<Batch * Width>,
                                       Index<Batch * Width>> {
  using Base =
      Stepwise<Model, Batch, Width, S, typename Model::template Memory<Batch * Width>, Index<Batch * Width>>;
  using Memory = typename Model::template Memory<Batch>;

 public:
  static constexpr Size source_length = CacheShape<Memory>::length;

  /// Encodes source [Batch, source_length], padded behind lengths [Batch], of any integer types; both may be
  /// dense views. Throws
  /// std::invalid_argument for a wrong shape, for strides that are not dense or a length outside
  /// [0, source_length] and std::out_of_range for an id that is none, and has then changed nothing.
  template <class P, class Source, class Lengths>
  void start(const P& parameters, const Source& source, const Lengths& lengths) {
    encode(parameters, source, lengths, Base::batch);
  }

  /// Encodes up to Batch sources of up to source_length tokens each, which it pads. Throws
  /// std::invalid_argument for more or longer ones and std::out_of_range for an id that is none.
  template <class P>
  void start(const P& parameters, const Sequences& sources) {
    require(sources.size() <= Base::batch, "start: sources", "at most " + std::to_string(Batch),
            std::to_string(sources.size()));
    std::vector<std::int32_t> ids(static_cast<std::size_t>(Batch * source_length), 0),
        lengths(Base::batch, 0);
    for (std::size_t b = 0; b < sources.size(); ++b) {
      require(sources[b].size() <= static_cast<std::size_t>(source_length),
              "start: sources[" + std::to_string(b) + "]", "at most " + to_string(source_length) + " tokens",
              std::to_string(sources[b].size()));
      lengths[b] = static_cast<std::int32_t>(sources[b].size());
      std::ranges::copy(sources[b], ids.begin() + static_cast<std::ptrdiff_t>(b) * source_length);
    }
    encode(parameters, runtime::adapt<2>(std::as_const(ids).data(), Index<Batch, source_length>::shape),
           runtime::adapt<1>(std::as_const(lengths).data(), Index<Batch>::shape), sources.size());
  }

  /// The parameters would be gone before the first step.
  template <class... Sources>
  void start(const Parameters<Model, S>&&, const Sources&...) = delete;
  template <runtime::ScatteredTree P, class... Sources>
  void start(const P&&, const Sources&...) = delete;

  /// Takes one more target token of every row, or `stay`, and gives the logits [rows, vocabulary] of what
  /// follows, a program's result. Allocates nothing, unless earlier logits are held. Throws
  /// std::invalid_argument for another number of ids and std::out_of_range for one that is none and for a
  /// sequence that has no position left, and has then changed nothing.
  auto next(std::span<const std::int32_t> ids) {
    return this->advance(ids, memory_, Base::adapted(lengths_));
  }

 private:
  template <class P, class Source, class Lengths>
  void encode(const P& parameters, const Source& source, const Lengths& lengths, std::size_t sources) {
    const auto* each = runtime::dense_data(lengths, "start: lengths");
    for (std::size_t b = 0; b < lengths.size(); ++b) {
      require(std::cmp_greater_equal(each[b], 0) && std::cmp_less_equal(each[b], source_length),
              "start: lengths[" + std::to_string(b) + "]", "one in [0, " + to_string(source_length) + "]",
              std::to_string(each[b]));
    }
    repeat_sequences(remember_(parameters, source, lengths), memory_);
    for (std::size_t row = 0; row < Base::rows; ++row)
      lengths_[row] = static_cast<std::int32_t>(each[row / Base::width]);
    this->begin(parameters, sources);
  }

  BasicProgram<S, Remember{}, Model, Index<Batch, source_length>, Index<Batch>> remember_;
  State<typename Model::template Memory<Batch * Width>, S> memory_;
  std::array<std::int32_t, Base::rows> lengths_{};
};

}  // namespace ctgrad::generate
