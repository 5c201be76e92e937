#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/io/copy_numbers.hpp>
#include <ctgrad/io/safetensors.hpp>
#include <ctgrad/io/tensor_mismatch.hpp>
#include <ctgrad/io/values.hpp>
#include <ctgrad/runtime/layout.hpp>
#include <ctgrad/runtime/pages.hpp>

#include <cmath>
#include <set>
#include <span>

/// Filling flat buffers from a file: all of them, or none if anything is wrong.
namespace ctgrad::io {

/// Which number types a load takes: that of the buffer alone, those all of whose numbers it holds too, or all
/// real ones, rounded where they must be.
enum class Conversion { none, exact, rounding };

/// Tensors of a file on their way into flat buffers of Scalar. `want` looks for arrays and checks them;
/// `finish` stores them all, unless anything that was wanted cannot be had.
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
  /// stay until `finish`. Without a buffer, `place` says where the arrays are.
  void want(const std::vector<FlatEntry>& entries, std::span<Scalar> flat, const std::string& prefix,
            const NameMap& names = {}, Values values = Values::any) {
    for (const FlatEntry& entry : entries) {
      const NameMap::Place place =
          names.find(entry.name, [&](const std::string& name) { return file_.contains(prefix + name); });
      const std::string theirs = prefix + place.name;
      used_[theirs].insert({place.layout.parts, place.layout.axis, place.layout.part});
      what_ = in_quotes(entry.name) + (theirs == entry.name ? "" : " from " + in_quotes(theirs));
      if (allow_missing_ && !file_.contains(theirs)) {
        missing_.push_back(entry.name);
        continue;
      }
      const std::span<Scalar> target{flat.empty() ? nullptr : flat.data() + entry.offset,
                                     static_cast<std::size_t>(entry.shape.size())};
      const bool found = look_for(theirs, place.layout, entry.shape, target, values);
      for (const std::string& repeat : names.repeats(entry.name)) {
        if (!file_.contains(prefix + repeat)) continue;
        used_[prefix + repeat].insert({1, 0, 0});
        if (found) check_repeat(theirs, prefix + repeat);
      }
    }
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
  /// others, and whose names begin with `prefix`, unless the map leaves them alone.
  void refuse_others(const std::string& prefix = "", const NameMap& names = {}) {
    for (const std::string& name : file_.names()) {
      if (!name.starts_with(prefix)) continue;
      what_ = in_quotes(name);
      const auto used = used_.find(name);
      if (used == used_.end()) {
        if (names.ignores(std::string_view(name).substr(prefix.size()))) continue;
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
    for (const Wanted& each : wanted_) store(each);
  }

  /// Says where every array is that was asked for without a buffer, in that order: in the file, if its
  /// numbers lie there as they are wanted, else in `copies`, which gets new memory. Throws as `finish` does.
  std::vector<const Scalar*> place(runtime::Pages& copies) {
    require_all();
    std::size_t bytes = 0;
    for (Wanted& each : wanted_) {
      if (is_in_place(each)) continue;
      each.offset = bytes;
      bytes += static_cast<std::size_t>(plan::aligned(static_cast<Size>(each.target.size_bytes())));
    }
    copies = runtime::Pages(bytes);
    std::vector<const Scalar*> arrays;
    for (Wanted& each : wanted_) {
      if (is_in_place(each)) {
        arrays.push_back(reinterpret_cast<const Scalar*>(each.bytes));
      } else {
        auto* copy = reinterpret_cast<Scalar*>(copies.data() + each.offset);
        each.target = {copy, each.target.size()};
        store(each);
        arrays.push_back(copy);
      }
    }
    return arrays;
  }

 private:
  /// A tensor that fits an array.
  struct Wanted {
    Dtype dtype;
    const std::byte* bytes;
    PartPlaces places;
    std::span<Scalar> target;
    std::size_t offset = 0;  ///< of a copy
  };

  static bool is_in_place(const Wanted& wanted) {
    const auto address = reinterpret_cast<std::uintptr_t>(wanted.bytes);
    return wanted.dtype == dtype_of<Scalar>() && wanted.places.are_in_order(wanted.target.size()) &&
           address % alignof(Scalar) == 0;
  }

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

  bool look_for(const std::string& theirs, Layout layout, const Shape& shape, std::span<Scalar> target,
                Values values) {
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
    const Wanted found{entry.dtype, entry.bytes.data(), PartPlaces(layout, expected, target.size()), target};
    bool sound = false;
    const bool readable = visit_dtype(entry.dtype, [&]<class Stored>(Stored) {
      if (!takes<Stored>()) return false;
      sound = check<Stored>(found, values);
      return true;
    });
    if (!readable) return refuse(takable(), entry.dtype_name);
    if (sound) wanted_.push_back(found);
    return sound;
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
    if (std::same_as<Stored, bool> || Integer<Stored>) return false;
    if (conversion_ == Conversion::none) return std::same_as<Stored, Scalar>;
    return conversion_ == Conversion::rounding || readable_as<Stored, Scalar>();
  }

  std::string takable() const {
    if (conversion_ == Conversion::none) return std::string(traits(dtype_of<Scalar>()).name);
    if (conversion_ == Conversion::rounding) return "real numbers";
    return "real numbers that " + std::to_string(std::numeric_limits<Scalar>::digits) + " bits hold";
  }

  /// Refuses the first number of a tensor that Scalar cannot hold, or that is none of `values`.
  template <class Stored>
  bool check(const Wanted& wanted, Values values) {
    if (readable_as<Stored, Scalar>() && values == Values::any) return true;
    constexpr auto largest = static_cast<double>(std::numeric_limits<Scalar>::max());
    for (std::size_t i = 0; i < wanted.target.size(); ++i) {
      const auto number = load<Stored>(wanted.bytes + wanted.places(i) * sizeof(Stored));
      const auto wide = number_as<double>(number);
      if (std::isfinite(wide) && std::abs(wide) > largest)
        return refuse("numbers up to " + text::shortest(largest), text::shortest(wide));
      const auto ours = number_as<Scalar>(number);
      if (first_other(std::span(&ours, 1), values) == 0)
        return refuse(described(values), text::shortest(ours) + " at position " + std::to_string(i));
    }
    return true;
  }

  static void store(const Wanted& wanted) {
    visit_dtype(wanted.dtype, [&]<class Stored>(Stored) {
      copy_numbers<Stored>(wanted.bytes, wanted.places, wanted.target);
      return true;
    });
  }

  /// Refuses a tensor that has not the same numbers as another.
  void check_repeat(const std::string& theirs, const std::string& repeat) {
    const SafetensorsEntry entry = file_.at(theirs), again = file_.at(repeat);
    if (again.dtype == entry.dtype && again.shape == entry.shape &&
        std::ranges::equal(again.bytes, entry.bytes)) {
      return;
    }
    refuse("the same numbers in " + in_quotes(repeat),
           "others, so this is a model that has an array for each");
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
  std::vector<Wanted> wanted_;
};

}  // namespace ctgrad::io
