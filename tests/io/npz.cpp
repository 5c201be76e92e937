#include <ctgrad/io/npz_writer.hpp>
#include <ctgrad/io/parameters.hpp>
#include <ctgrad/nn/linear.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

/// .npz files: those of numpy/ were written by NumPy (tests/reference/numpy_arrays.py).
namespace {

using namespace ctgrad::io;
namespace test = ctgrad::test;

const std::filesystem::path numpy = std::filesystem::path(CTGRAD_REFERENCE_DIR) / "numpy";

using Bytes = std::vector<std::byte>;

const std::vector<float> floats{1.5F, -2, 0.25F};
const std::vector<std::int32_t> ids{7, -1};

std::vector<NamedTensor> arrays() {
  return {named_tensor("floats", {3}, floats), named_tensor("of/ids", {2, 1}, ids)};
}

Bytes archive(Packing packing = Packing::stored) { return NpzImage("F", arrays(), packing).bytes(); }

std::string refusal(const Bytes& bytes) {
  try {
    npz_arrays(bytes, "F");
  } catch (const NumpyError& error) {
    return error.what();
  }
  return "taken";
}

/// The archive with other bytes at some place.
template <class T>
Bytes changed(std::size_t at, T number, Packing packing = Packing::stored) {
  Bytes bytes = archive(packing);
  REQUIRE(at + sizeof(T) <= bytes.size());
  std::memcpy(bytes.data() + at, &number, sizeof(T));
  return bytes;
}

/// Where the directory's entries begin, by their marks.
std::vector<std::size_t> marks(const Bytes& bytes, std::uint32_t mark) {
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at + 4 <= bytes.size(); ++at) {
    if (load<std::uint32_t>(bytes.data() + at) == mark) found.push_back(at);
  }
  return found;
}

void check_arrays(const std::string& file) {
  CAPTURE(file);
  const Safetensors arrays = read_npz(numpy / file);
  CHECK(arrays.names() == std::vector<std::string>{"columns", "größe", "layer/ids", "weights"});
  const xt::xarray<double> weights = arrays.read<double>("weights");
  const xt::xarray<double> columns = arrays.read<double>("columns");
  const xt::xarray<std::int32_t> numbers = arrays.read<std::int32_t>("layer/ids");
  REQUIRE(std::ranges::equal(weights.shape(), std::vector<std::size_t>{2, 3, 4}));
  REQUIRE(std::ranges::equal(columns.shape(), weights.shape()));
  REQUIRE(std::ranges::equal(numbers.shape(), weights.shape()));
  for (std::size_t i = 0; i < 24; ++i) {
    CHECK(weights.data()[i] == static_cast<double>(i) / 8 - 1);
    CHECK(columns.data()[i] == weights.data()[i]);
    CHECK(numbers.data()[i] == static_cast<std::int32_t>(i));
  }
  CHECK(arrays.read<float>("größe")() == 3);
}

}  // namespace

TEST_CASE("NumPy's stored archives are read", "[npz]") { check_arrays("stored.npz"); }

TEST_CASE("NumPy's deflated archives are read, those that were streamed too", "[npz]") {
  if (!has_zlib) {
    CHECK_THROWS_WITH(read_npz(numpy / "deflated.npz"),
                      test::contains("expected stored numbers, or a program with zlib"));
    return;
  }
  check_arrays("deflated.npz");
  const Safetensors streamed = read_npz(numpy / "streamed.npz");
  CHECK(streamed.names() == std::vector<std::string>{"columns", "weights"});
  CHECK((streamed.read<double>("columns") == streamed.read<double>("weights")));
}

TEST_CASE("what is written is read again, bit for bit", "[npz]") {
  const test::TemporaryFolder folder;
  for (const Packing packing : {Packing::stored, Packing::deflated}) {
    if (packing == Packing::deflated && !has_zlib) {
      CHECK_THROWS_AS(archive(packing), NumpyError);
      continue;
    }
    write_npz(folder / "arrays.npz", arrays(), packing);
    const Safetensors read = read_npz(folder / "arrays.npz");
    CHECK(read.names() == std::vector<std::string>{"floats", "of/ids"});
    for (const NamedTensor& array : arrays()) {
      CHECK(read.at(array.name).dtype == array.dtype);
      CHECK(read.at(array.name).shape == array.shape);
      CHECK(std::ranges::equal(read.at(array.name).bytes, array.bytes));
    }
  }
  write_npz(folder / "none.npz", {});
  CHECK(read_npz(folder / "none.npz").names().empty());
}

TEST_CASE("parameters are loaded from an archive by their names", "[npz]") {
  using Model = ctgrad::nn::Linear<3, 2>;
  const ctgrad::Parameters<Model> from{ctgrad::Seed{1}};
  ctgrad::Parameters<Model> to{ctgrad::Seed{2}};
  REQUIRE(!std::ranges::equal(from.flat(), to.flat()));
  const NpzImage image("F", named_tensors(from.entries(), from.flat()), Packing::stored);
  load_parameters(npz_arrays(image.bytes(), "F"), to);
  CHECK(std::ranges::equal(from.flat(), to.flat()));
}

TEST_CASE("names that an archive cannot hold are not written", "[npz]") {
  const auto with_name = [](const std::string& name) {
    return NpzImage("F", {named_tensor(name, {3}, floats), named_tensor("x", {2}, ids)}, Packing::stored);
  };
  CHECK_THROWS_WITH(with_name("x"), "F: array 'x': expected a name of its own, got this one again");
  CHECK_THROWS_WITH(with_name("\xFF"), "F: array '\\xFF': expected a name in UTF-8, got other bytes");
  CHECK_THROWS_WITH(with_name(std::string(60001, 'a')), test::contains("at most 60000 bytes, got 60001"));
}

TEST_CASE("an archive without its end, or with another directory, is refused", "[npz]") {
  CHECK(refusal({}) ==
        "F: is no .npz file: expected the record that ends a zip archive, got none in 0 bytes");
  Bytes cut = archive();
  cut.pop_back();
  CHECK(refusal(cut).starts_with("F: is no .npz file: "));
  const Bytes whole = archive();
  const std::size_t wide_end = marks(whole, 0x06064B50).at(0), first = marks(whole, 0x02014B50).at(0);
  CHECK(refusal(changed(wide_end + 32, std::uint64_t{1} << 60)) ==
        "F: directory: expected at most 3 files, got 1152921504606846976");
  CHECK(
      refusal(changed(wide_end + 40, ~std::uint64_t{0})).starts_with("F: directory: expected to end within"));
  CHECK(refusal(changed(wide_end, 0)) == "F: zip64 end: expected its mark, got other bytes");
  CHECK(refusal(changed(first, 0)).starts_with("F: directory entry 0: expected its mark at "));
  CHECK(refusal(changed(wide_end + 32, std::uint64_t{1})) == "taken");
}

TEST_CASE("an entry that is encrypted, packed otherwise, damaged or not where it should be is refused",
          "[npz]") {
  const Bytes whole = archive();
  const std::size_t first = marks(whole, 0x02014B50).at(0);
  CHECK(refusal(changed(first + 8, std::uint16_t{1})) ==
        "F: entry 'floats.npy': expected no encryption, got an encrypted file");
  CHECK(refusal(changed(first + 10, std::uint16_t{14})) ==
        "F: entry 'floats.npy': expected compression 0 (stored) or 8 (deflated), got 14");
  CHECK(refusal(changed(0, 0)) == "F: entry 'floats.npy': head: expected its mark at 0, got other bytes");
  CHECK(refusal(changed(30, 'x')) ==
        "F: entry 'floats.npy': head: expected the name that the directory has, got another one");
  CHECK(refusal(changed(190, 'x')).starts_with("F: entry 'floats.npy': checksum: expected "));
  // sizes and place are behind the name: the size, the packed size, where the head is
  const std::size_t field = first + 46 + std::string("floats.npy").size() + 4;
  CHECK(refusal(changed(field, std::uint64_t{139})) == "F: entry 'floats.npy': expected 139 bytes, got 140");
  CHECK(refusal(changed(field, ~std::uint64_t{0}))
            .starts_with("F: entry 'floats.npy': expected a size that can"));
  CHECK(refusal(changed(field + 8, ~std::uint64_t{0}))
            .starts_with("F: entry 'floats.npy': expected to end within"));
  CHECK(refusal(changed(field + 16, ~std::uint64_t{0}))
            .starts_with("F: entry 'floats.npy': head: expected to end"));
}

TEST_CASE("entries that share bytes are refused, and sizes that cannot have been deflated", "[npz]") {
  const Bytes whole = archive();
  const std::size_t second = marks(whole, 0x02014B50).at(1);
  Bytes twice = whole;
  const std::size_t name = std::string("floats.npy").size();
  std::memcpy(twice.data() + second, whole.data() + marks(whole, 0x02014B50).at(0), 46 + name + 28);
  CHECK(refusal(twice) == "F: entry 'floats.npy': expected bytes of its own, got some of 'floats.npy' again");
  if (!has_zlib) return;
  const Bytes deflated = archive(Packing::deflated);
  const std::size_t field = marks(deflated, 0x02014B50).at(0) + 46 + name + 4;
  CHECK(refusal(changed(field, std::uint64_t{1} << 40, Packing::deflated))
            .starts_with("F: entry 'floats.npy': expected at most 1032 bytes for each of "));
  CHECK(refusal(changed(field, std::uint64_t{141}, Packing::deflated)) ==
        "F: entry 'floats.npy': expected a deflate stream of 141 bytes, got another one, or none");
  CHECK(refusal(changed(80, ~std::uint64_t{0}, Packing::deflated))
            .starts_with("F: entry 'floats.npy': expected a"));
}
