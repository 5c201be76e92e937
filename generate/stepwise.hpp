#pragma once

#include <ctgrad/generate/cache.hpp>
#include <ctgrad/generate/sequences.hpp>
#include <ctgrad/runtime/program.hpp>

namespace ctgrad::generate {

/// A model that takes its tokens one after the other: it has `Cache<Batch>`, an nn::Cache, and `step`, as
/// nn::LanguageModel has them.
template <class Model>
concept TakesTokenByToken = requires { typename Model::template Cache<1>; };

/// A model's step, to compile.
struct Step {
  constexpr auto operator()(const auto& model, const auto&... arguments) const {
    return model.step(arguments...);
  }
};

/// What decoders share: the program of one step, the caches, and where every sequence stands. It has Width
/// rows for each of Batch sources, row b * Width + w being number w of source b. `Kept` is what a step takes
/// besides ids, positions and caches.
template <class Model, Size Batch, Size Width, class S, class... Kept>
class Stepwise {
  static_assert(Batch > 0 && Width > 0, "a decoder has at least one sequence");
  using Ids = Index<Batch * Width>;
  using Cache = typename Model::template Cache<Batch * Width>;
  using Logits = std::tuple_element_t<0, decltype(Step{}(Model{}, Ids{}, Ids{}, Cache{}, Kept{}...))>;

 public:
  using Scalar = S;
  static constexpr auto batch = static_cast<std::size_t>(Batch);
  static constexpr auto width = static_cast<std::size_t>(Width);
  static constexpr std::size_t rows = batch * width;
  /// Tokens that a sequence can take, and how many tokens there are to choose from.
  static constexpr Size length = CacheShape<Cache>::length;
  static constexpr Size vocabulary = Logits::shape[1];

  /// How many of the batch are in use. Throws std::logic_error before the first start.
  std::size_t sources() const {
    require_start();
    return sources_;
  }

  /// How many tokens a row has taken. Throws std::out_of_range for a row that there is not.
  Size position(std::size_t row) const {
    if (row >= rows)
      throw std::out_of_range("position: row: expected one in [0, " + std::to_string(rows) + "), got " +
                              std::to_string(row));
    return taken_[row];
  }

  /// Forgets all tokens.
  void rewind() {
    taken_.fill(0);
    places_.fill(0);
    last_.fill(0);
    cache_.clear();
  }

  /// Row r becomes what row origins[r] was, for all rows at once; allocates nothing. Rows of other sources
  /// are no origins: what a row knows of its source does not move with it. Throws as Reorder::plan does, and
  /// std::invalid_argument for a row of another source, and has then changed nothing.
  void reorder(std::span<const std::int32_t> origins) {
    for (std::size_t row = 0; row < std::min(rows, origins.size()); ++row) {
      if (origins[row] < 0 || static_cast<std::size_t>(origins[row]) / width == row / width) continue;
      require(false, "reorder: origins[" + std::to_string(row) + "]",
              "a row of source " + std::to_string(row / width), "row " + std::to_string(origins[row]));
    }
    moves_.plan(origins);
    generate::reorder(cache_, moves_, std::span<Scalar>(spare_));
    std::array<std::int32_t, 1> spare{};
    for (auto* each : {&taken_, &places_, &last_})
      moves_.apply(std::span<std::int32_t>(*each), std::span<std::int32_t>(spare));
  }

 protected:
  Stepwise() : spare_(CacheShape<Cache>::sequence), moves_(rows) {}

  template <class P>
  void begin(const P& parameters, std::size_t sources) {
    static_assert(std::is_same_v<typename P::Model, Model>, "the parameters are of another model");
    static_assert(
        std::is_same_v<typename P::Scalar, Scalar>,
        "the parameters are of another scalar type: Parameters<Model, double> is for a DoubleProgram");
    parameters_ = runtime::ArrayPointers<Model, Scalar>(parameters);
    started_ = true;
    sources_ = sources;
    rewind();
  }

  /// The logits [rows, vocabulary] after one more token of every row.
  template <class... Arguments>
  auto advance(std::span<const std::int32_t> ids, const Arguments&... kept) {
    require_ids(ids);
    for (std::size_t row = 0; row < rows; ++row) {
      if (ids[row] == stay) continue;
      last_[row] = ids[row];
      places_[row] = taken_[row]++;
    }
    const auto [logits, cached] = step_(parameters_, adapted(last_), adapted(places_), cache_, kept...);
    write_rows(cache_, cached, places_);
    return logits;
  }

  static auto adapted(const std::array<std::int32_t, rows>& numbers) {
    return runtime::adapt<1>(numbers.data(), Ids::shape);
  }

 private:
  void require_start() const {
    if (!started_) throw std::logic_error("decoder: expected a start first");
  }

  void require_ids(std::span<const std::int32_t> ids) const {
    require_start();
    if (ids.size() != rows)
      require(false, "next: ids", std::to_string(rows) + " ids", std::to_string(ids.size()));
    for (std::size_t row = 0; row < rows; ++row) {
      if (ids[row] == stay) continue;
      if (ids[row] < 0 || ids[row] >= vocabulary) {
        throw std::out_of_range("next: ids[" + std::to_string(row) + "]: expected an id in [0, " +
                                to_string(vocabulary) + ") or -1, got " + std::to_string(ids[row]));
      }
      if (taken_[row] >= length) {
        throw std::out_of_range("next: position of sequence " + std::to_string(row) +
                                ": expected one in [0, " + to_string(length) + "), got " +
                                std::to_string(taken_[row]));
      }
    }
  }

  BasicProgram<S, Step{}, Model, Ids, Ids, Cache, Kept...> step_;
  State<Cache, Scalar> cache_;
  std::vector<Scalar> spare_;
  Reorder moves_;
  std::array<std::int32_t, rows> taken_{};
  std::array<std::int32_t, rows> places_{};  ///< of the tokens taken last
  std::array<std::int32_t, rows> last_{};    ///< the tokens taken last
  runtime::ArrayPointers<Model, Scalar> parameters_;
  bool started_ = false;
  std::size_t sources_ = 0;
};

}  // namespace ctgrad::generate
