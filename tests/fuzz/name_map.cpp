#include "fuzz.hpp"

#include <ctgrad/io/parameters.hpp>

/// Name maps: any rules and layouts, over files of any tensors, into any arrays. What is refused changes
/// nothing and is refused readably; what is taken puts every number where the layout says.

using namespace ctgrad;
using fuzz::Choices;
using fuzz::require;

namespace {

constexpr const char* names[] = {"a", "b.0.w", "b.1.w", "c", "b.10.w", "w.0", "w.1", "\x1b"};
constexpr const char* patterns[] = {"a", "c", "b.0.w", "x", "y", "", "b.*.w", "*", "w.*", "**"};

/// Arrays of ours, a map of their names, and a file of tensors most of which fit. A tensor's numbers say
/// which one it is, and their place.
class Case {
 public:
  explicit Case(Choices& choices) {
    for (std::size_t i = choices.below(std::size(names)); i > 0; --i) add(choices);
    if (choices.below(8) == 0) add_tensor(choices.of(names), shape(choices));
    if (choices.below(4) == 0) ignored_ = choices.of(patterns);
    flat.resize(size_, -1);
  }

  /// Throws std::invalid_argument where it holds a rule that no map may hold.
  io::NameMap map() const {
    io::NameMap map;
    for (const io::NameRule& rule : rules_) {
      const io::NameMap one{rule};
      map += rule.ours.starts_with("b.")
                 ? io::NameMap{{rule.ours.substr(2), rule.theirs, rule.layout, rule.others}}.under("b.", "")
                 : one;
    }
    return map.ignoring({ignored_});
  }

  io::Safetensors file() const {
    std::vector<io::NamedTensor> tensors;
    for (const auto& [name, tensor] : tensors_)
      tensors.push_back(io::named_tensor(name, tensor.shape, tensor.numbers));
    return {io::SafetensorsImage("F", tensors, {}).bytes(), "F"};
  }

  bool holds(const std::string& tensor) const { return tensors_.contains(tensor); }

  /// What number the tensor of that name holds at a position.
  double number(const std::string& tensor, std::size_t position) const {
    return tensors_.at(tensor).numbers.at(position);
  }

  std::vector<FlatEntry> entries;
  std::vector<double> flat;

 private:
  struct Tensor {
    std::vector<std::size_t> shape;
    std::vector<double> numbers;
  };

  static std::vector<std::size_t> shape(Choices& choices) {
    std::vector<std::size_t> shape;
    for (std::size_t rank = choices.below(4); rank > 0; --rank) shape.push_back(choices.below(7));
    return shape;
  }

  void add_tensor(const std::string& name, std::vector<std::size_t> shape) {
    std::size_t size = 1;
    for (const std::size_t extent : shape) size *= extent;
    if (size > 2000 || tensors_.contains(name)) return;
    Tensor tensor{std::move(shape), {}};
    for (std::size_t i = 0; i < size; ++i)
      tensor.numbers.push_back(static_cast<double>(10'000 * tensors_.size() + i));
    tensors_.emplace(name, std::move(tensor));
  }

  void add(Choices& choices) {
    std::vector<std::size_t> extents = shape(choices);
    Shape ours{{}, static_cast<int>(extents.size())};
    for (int axis = 0; axis < ours.rank; ++axis)
      ours.extents[axis] = static_cast<Size>(extents[static_cast<std::size_t>(axis)]);
    const std::string name = names[entries.size()];
    entries.push_back({name, ours, size_});
    size_ += static_cast<std::size_t>(ours.size()) + choices.below(3);
    const std::size_t parts = choices.below(16) == 0 ? choices.extent() : 1 + choices.below(3);
    const io::Layout layout{
        .transposed = choices.below(3) == 0,
        .split = choices.below(4) == 0,
        .part = choices.below(16) == 0 ? choices.extent() : choices.byte() % std::max<std::size_t>(parts, 1),
        .parts = parts,
        .axis = choices.below(3) == 0 ? choices.below(3) : 0};
    const std::string theirs =
        choices.below(8) == 0 ? choices.of(patterns) : names[choices.below(std::size(names))];
    rules_.push_back({choices.below(8) == 0 ? choices.of(patterns) : name, theirs, layout});
    if (choices.below(4) == 0) rules_.back().others.emplace_back(choices.of(names));
    if (layout.transposed && extents.size() > 1) std::swap(extents[0], extents[1]);
    if (layout.axis < extents.size() && layout.parts < 5) extents[layout.axis] *= layout.parts;
    if (layout.split && !extents.empty() && extents[0] % 2 == 0) {
      extents[0] /= 2;
      extents.insert(extents.begin(), 2);
    }
    add_tensor(theirs, choices.below(16) == 0 ? shape(choices) : extents);
  }

  std::size_t size_ = 0;
  std::vector<io::NameRule> rules_;
  std::string ignored_;
  std::map<std::string, Tensor> tensors_;
};

/// Where element i of an array lies in its tensor, by the words of Layout alone: its position there, axis by
/// axis.
std::size_t place_of(const io::Layout& layout, const Shape& shape, std::size_t i) {
  std::vector<std::size_t> extents, position;
  for (int axis = 0; axis < shape.rank; ++axis) extents.push_back(static_cast<std::size_t>(shape[axis]));
  for (std::size_t axis = extents.size(); axis-- > 0; i /= extents[axis])
    position.insert(position.begin(), i % extents[axis]);
  if (layout.transposed) std::swap(position[0], position[1]), std::swap(extents[0], extents[1]);
  if (layout.parts > 1) {
    position[layout.axis] += layout.part * extents[layout.axis];
    extents[layout.axis] *= layout.parts;
  }
  std::size_t place = 0;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) place = place * extents[axis] + position[axis];
  return place;
}

void check_taken(const Case& input, const io::NameMap& map, const std::vector<std::string>& missing) {
  for (const FlatEntry& entry : input.entries) {
    if (std::ranges::find(missing, entry.name) != missing.end()) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(entry.shape.size()); ++i)
        require(input.flat[entry.offset + i] == -1, "what is missing stays as it is", entry.name);
      continue;
    }
    const io::NameMap::Place place =
        map.find(entry.name, [&](const std::string& name) { return input.holds(name); });
    for (std::size_t i = 0; i < static_cast<std::size_t>(entry.shape.size()); ++i) {
      require(
          input.flat[entry.offset + i] == input.number(place.name, place_of(place.layout, entry.shape, i)),
          "a number comes from its place", entry.name);
    }
  }
}

/// Arrays that are used where they lie in the file, or in copies, hold what was loaded.
void check_places(const Case& input, const io::NameMap& map) {
  const io::Safetensors file = input.file();
  io::TensorLoad<double> load(file, io::Conversion::exact);
  load.want(input.entries, {}, "", map);
  runtime::Pages copies;
  const std::vector<const double*> arrays = load.place(copies);
  require(arrays.size() == input.entries.size(), "every array has its place");
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const FlatEntry& entry = input.entries[i];
    require(std::equal(arrays[i], arrays[i] + entry.shape.size(),
                       input.flat.begin() + static_cast<std::ptrdiff_t>(entry.offset)),
            "an array holds its numbers where it is", entry.name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  Case input(choices);
  const std::vector<double> before = input.flat;
  try {
    const io::NameMap map = input.map();
    std::vector<std::string> missing;
    const io::LoadOptions options{.ignore_unexpected = choices.below(4) != 0,
                                  .allow_missing = choices.below(3) == 0 ? &missing : nullptr};
    io::load_tensors(input.file(), input.entries, std::span(input.flat), map, options);
    check_taken(input, map, missing);
    if (missing.empty()) check_places(input, map);
    fuzz::count_taken(!input.entries.empty());
  } catch (const io::TensorMismatch& error) {
    fuzz::require_readable(error.what());
    require(input.flat == before, "what is refused changes nothing");
  } catch (const std::invalid_argument& error) {
    fuzz::require_readable(error.what(), "NameMap: ");
    require(input.flat == before, "what is refused changes nothing");
  }
  return 0;
}
