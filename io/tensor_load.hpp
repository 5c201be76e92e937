#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/io/part_places.hpp>
#include <ctgrad/io/safetensors.hpp>
#include <ctgrad/io/values.hpp>
#include <ctgrad/runtime/layout.hpp>

#include <cmath>
#include <set>
#include <span>

/// Filling flat buffers from a file: all of them, or none if anything is wrong.
namespace ctgrad::io {

/// Every reason why tensors of a file cannot be taken; the message has the first hundred.
class TensorMismatch : public std::runtime_error {
 public:
  TensorMismatch(const std::string& file, std::vector<std::string> problems_)
      : std::runtime_error(message(file, problems_)), problems(std::move(problems_)) {}

  std::vector<std::string> problems;  ///< "'head.bias': expected F32 [16], got F32 [8]"

 private:
  static std::string message(const std::string& file, const std::vector<std::string>& problems) {
    const std::string count = std::to_string(problems.size());
    std::string text =
        file + ": " + count + (problems.size() == 1 ? " tensor does" : " tensors do") + " not fit";
    constexpr std::size_t most = 100;
    for (std::size_t i = 0; i < std::min(most, problems.size()); ++i) text += "\n  " + problems[i];
    if (problems.size() > most) text += "\n  and " + std::to_string(problems.size() - most) + " more";
    return text;
  }
};

/// The extents of a shape in a list, as files hold them.
inline std::vector<std::size_t> extents(const Shape& shape) {
  std::vector<std::size_t> extents;
  for (int axis = 0; axis < shape.rank; ++axis) extents.push_back(static_cast<std::size_t>(shape[axis]));
  return extents;
}

/// Whether neighbouring axes of `split`, joined, make those of `whole`; axes of extent 1 do not count.
inline bool joins_to(std::span<const std::size_t> split, std::span<const std::size_t> whole) {
  std::size_t axis = 0;
  for (const std::size_t extent : whole) {
    std::size_t product = 1;
    while (product < extent && axis < split.size()) product *= split[axis++];
    if (product != extent) return false;
  }
  return std::ranges::all_of(split.subspan(axis), [](std::size_t extent) { return extent == 1; });
}

/// Which number types a load takes: that of the buffer alone, those all of whose numbers it holds too, or all
/// real ones, rounded where they must be.
enum class Conversion { none, exact, rounding };

/// Tensors of a file on their way into flat buffers of Scalar. `want` looks for arrays, checks and converts
/// them; `finish` stores them all, unless anything that was wanted cannot be had.
template <std::floating_point Scalar>
class TensorLoad {
 public:
  explicit TensorLoad(const Safetensors& file, Conversion conversion)
      : file_(file), conversion_(conversion) {}

  /// From now on arrays that the file has no tensor for are no problem: they stay as they are.
  void allow_missing() { allow_missing_ = true; }

  /// The names of those, in the order in which they were asked for.
  const std::vector<std::string>& missing() const { return missing_; }

  /// Asks for the arrays of a buffer, at the names that `names` gives, after `prefix`. Buffer and file must
  /// stay until `finish`.
  void want(const std::vector<FlatEntry>& entries, std::span<Scalar> flat, const std::string& prefix,
            const NameMap& names = {}, Values values = Values::any) {
    std::vector<Scalar> numbers(flat.begin(), flat.end());
    for (const FlatEntry& entry : entries) {
      const NameMap::Place place = names.find(entry.name);
      const std::string theirs = prefix + place.name;
      used_[theirs].insert({place.layout.parts, place.layout.axis, place.layout.part});
      what_ = in_quotes(entry.name) + (theirs == entry.name ? "" : " from " + in_quotes(theirs));
      if (allow_missing_ && !file_.contains(theirs)) {
        missing_.push_back(entry.name);
        continue;
      }
      const auto target =
          std::span(numbers).subspan(entry.offset, static_cast<std::size_t>(entry.shape.size()));
      if (read(theirs, place.layout, entry.shape, target)) check(std::span<const Scalar>(target), values);
    }
    ready_.push_back({std::move(numbers), flat});
  }

  /// The scalar of type T of that name; 0, for the time being, if it cannot be had.
  template <class T>
  T want_scalar(const std::string& name) {
    used_[name].insert({1, 0, 0});
    what_ = in_quotes(name);
    const bool there = file_.contains(name);
    if (!there || file_.at(name).dtype != dtype_of<T>() || !file_.at(name).shape.empty()) {
      refuse(std::string(traits(dtype_of<T>()).name) + " []",
             there ? description(file_.at(name)) : "none of this name");
      return 0;
    }
    return load<T>(file_.at(name).bytes.data());
  }

  /// Refuses tensors that nothing asked for, or of which something asked for some parts and nothing for the
  /// others, and whose names begin with `prefix`.
  void refuse_others(const std::string& prefix = "") {
    for (const std::string& name : file_.names()) {
      if (!name.starts_with(prefix)) continue;
      what_ = in_quotes(name);
      const auto used = used_.find(name);
      if (used == used_.end()) {
        refuse("no such tensor", description(file_.at(name)));
      } else {
        check_parts(used->second);
      }
    }
  }

  /// Refuses a file that lacks all of `asked` arrays that were asked for: a prefix or a map is wrong.
  void refuse_nothing(std::size_t asked) {
    if (asked == 0 || missing_.size() < asked) return;
    what_ = "parameters";
    refuse("a tensor for at least one of " + std::to_string(asked), "none: see the prefix and the names");
  }

  /// Throws TensorMismatch if anything was refused.
  void require_all() const {
    if (!problems_.empty()) throw TensorMismatch(file_.file(), problems_);
  }

  /// Stores everything. Throws TensorMismatch if anything was refused; nothing has changed then.
  void finish() {
    require_all();
    for (const Ready& buffer : ready_) std::ranges::copy(buffer.numbers, buffer.target.begin());
  }

 private:
  struct Ready {
    std::vector<Scalar> numbers;
    std::span<Scalar> target;
  };

  /// One part of a tensor, of so many along an axis.
  struct Part {
    std::size_t parts, axis, part;
    auto operator<=>(const Part&) const = default;
  };
  using Parts = std::set<Part>;

  static std::string description(const SafetensorsEntry& entry) {
    return entry.dtype_name + " " + shape_text(entry.shape);
  }

  /// Notes a problem of what is looked at; false, so that it can be returned.
  bool refuse(const std::string& expected, const std::string& got) {
    problems_.push_back(what_ + ": expected " + expected + ", got " + got);
    return false;
  }

  bool read(const std::string& theirs, Layout layout, const Shape& shape, std::span<Scalar> target) {
    std::vector<std::size_t> expected = extents(shape);
    if (layout.transposed && shape.rank != 2) return refuse("a matrix to transpose", shape_text(expected));
    if (layout.transposed) std::swap(expected[0], expected[1]);
    if (layout.part >= layout.parts)
      return refuse("a part below " + std::to_string(layout.parts), std::to_string(layout.part));
    if (layout.parts > 1 && shape.rank == 0) return refuse("an array to be a part of one", "a scalar");
    if (layout.parts > 1 && layout.axis >= expected.size()) {
      return refuse("an array with an axis " + std::to_string(layout.axis) + ", counted from 0",
                    shape_text(expected));
    }
    if (layout.parts > 1 && !multiply(expected[layout.axis], layout.parts)) {
      return refuse("parts of a size that can be addressed", std::to_string(layout.parts) + " parts");
    }
    const std::string wanted = shape_text(expected) + (layout.split ? " or a split of its axes" : "");
    if (!file_.contains(theirs)) return refuse("a tensor " + wanted, "none of this name");
    const SafetensorsEntry entry = file_.at(theirs);
    const bool fits = layout.split ? joins_to(entry.shape, expected) : entry.shape == expected;
    if (!fits) return refuse(wanted, shape_text(entry.shape));
    bool stored = false;
    const bool readable = visit_dtype(entry.dtype, [&]<class Stored>(Stored) {
      if constexpr (std::same_as<Stored, bool> || Integer<Stored>) {
        return false;
      } else {
        if (!takes<Stored>()) return false;
        stored = convert<Stored>(entry.bytes, PartPlaces(layout, expected, target.size()), target);
        return true;
      }
    });
    return readable ? stored : refuse(takable(), entry.dtype_name);
  }

  /// False, and nothing changed, where the product cannot be addressed.
  static bool multiply(std::size_t& extent, std::size_t factor) {
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
    if (extent != 0 && factor > most / extent) return false;
    extent *= factor;
    return true;
  }

  template <class Stored>
  bool takes() const {
    if (conversion_ == Conversion::none) return std::same_as<Stored, Scalar>;
    return conversion_ == Conversion::rounding || readable_as<Stored, Scalar>();
  }

  std::string takable() const {
    if (conversion_ == Conversion::none) return std::string(traits(dtype_of<Scalar>()).name);
    if (conversion_ == Conversion::rounding) return "real numbers";
    return "real numbers that " + std::to_string(std::numeric_limits<Scalar>::digits) + " bits hold";
  }

  template <class Stored>
  bool convert(std::span<const std::byte> bytes, const PartPlaces& places, std::span<Scalar> target) {
    for (std::size_t i = 0; i < target.size(); ++i) {
      const auto number = load<Stored>(bytes.data() + places(i) * sizeof(Stored));
      if constexpr (std::same_as<Stored, Scalar>) {
        target[i] = number;
      } else if (!store(wide(number), target[i])) {
        return false;
      }
    }
    return true;
  }

  static double wide(std::floating_point auto number) { return static_cast<double>(number); }
  static double wide(auto half) { return static_cast<double>(static_cast<float>(half)); }

  /// Rounds a number of another type. False if it is beyond Scalar's largest.
  bool store(double number, Scalar& target) {
    constexpr auto largest = static_cast<double>(std::numeric_limits<Scalar>::max());
    if (std::isfinite(number) && std::abs(number) > largest) {
      return refuse("numbers up to " + text::shortest(largest), text::shortest(number));
    }
    target = static_cast<Scalar>(number);
    return true;
  }

  /// Refuses the first number that is none of those.
  void check(std::span<const Scalar> numbers, Values values) {
    const std::size_t other = first_other(numbers, values);
    if (other == numbers.size()) return;
    refuse(described(values), text::shortest(numbers[other]) + " at position " + std::to_string(other));
  }

  /// Refuses a tensor some of whose parts nothing asked for, so that a part that is named twice is found.
  void check_parts(const Parts& asked) {
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> counts;
    for (const Part& each : asked) {
      if (++counts[{each.parts, each.axis}] == each.parts) return;
    }
    const auto [parts, axis] = counts.begin()->first;
    std::size_t missing = 0;
    while (asked.contains({parts, axis, missing})) ++missing;
    refuse("all " + std::to_string(parts) + " parts to be asked for",
           "nothing that asks for part " + std::to_string(missing));
  }

  const Safetensors& file_;
  Conversion conversion_;
  bool allow_missing_ = false;
  std::vector<std::string> missing_;
  std::string what_;
  std::map<std::string, Parts, std::less<>> used_;
  std::vector<std::string> problems_;
  std::vector<Ready> ready_;
};

}  // namespace ctgrad::io
