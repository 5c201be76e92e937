#include <ctgrad/io/npy.hpp>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>

#include <complex>

/// .npy files: those of numpy/ were written by NumPy (tests/reference/numpy_arrays.py).
namespace {

using namespace ctgrad::io;
namespace test = ctgrad::test;

const std::filesystem::path numpy = std::filesystem::path(CTGRAD_REFERENCE_DIR) / "numpy";

using Bytes = std::vector<std::byte>;

Bytes bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// A file "F" of version 1.0 with this dictionary and so many bytes of zeros behind it.
Bytes file_of(const std::string& dictionary, std::size_t data = 0) {
  std::string text(npy_magic);
  text += {'\1', '\0', static_cast<char>(dictionary.size()), '\0'};
  return bytes_of(text + dictionary + std::string(data, '\0'));
}

std::string refusal(const Bytes& bytes) {
  try {
    NpyArray(bytes, "F");
  } catch (const NumpyError& error) {
    return error.what();
  }
  return "taken";
}

/// The dictionary's refusal.
std::string dictionary_refusal(const std::string& dictionary, std::size_t data = 0) {
  return refusal(file_of(dictionary, data));
}

/// 0, 1, 2, ... in a shape of 2, 3, 4, each times `factor` plus `term`.
template <class T>
void check_counted(const std::string& name, double factor = 1, double term = 0) {
  CAPTURE(name);
  const xt::xarray<T> array = read_npy<T>(numpy / (name + ".npy"));
  REQUIRE(std::ranges::equal(array.shape(), std::vector<std::size_t>{2, 3, 4}));
  for (std::size_t i = 0; i < array.size(); ++i)
    CHECK(static_cast<double>(array.data()[i]) == static_cast<double>(i) * factor + term);
}

std::string contents(const std::filesystem::path& path) { return read_file(path, 10000); }

}  // namespace

TEST_CASE("every number type that NumPy writes is read", "[npy]") {
  for (const char* name : {"i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"}) {
    check_counted<std::int64_t>(name);
    check_counted<std::uint8_t>(name);
  }
  for (const char* name : {"f2", "f4", "f8"}) check_counted<double>(name, 0.125, -1);
  const xt::xarray<bool> thirds = read_npy<bool>(numpy / "b1.npy");
  for (std::size_t i = 0; i < 24; ++i) CHECK(thirds.data()[i] == (i % 3 == 0));
}

TEST_CASE("either order of bytes and of axes is read as rows of little-endian numbers", "[npy]") {
  check_counted<float>("big_f4", 0.125, -1);
  check_counted<std::int64_t>("big_i8");
  check_counted<double>("columns", 0.125, -1);
  check_counted<std::int32_t>("big_columns");
  CHECK(std::ranges::equal(read_npy(numpy / "big_c8.npy").bytes(), read_npy(numpy / "c8.npy").bytes()));
  const NpyArray complex = read_npy(numpy / "c8.npy");
  CHECK(complex.dtype() == Dtype::c64);
  CHECK(load<float>(complex.bytes().data() + 12) == -1);  // the imaginary part of element 1
}

TEST_CASE("scalars, arrays without numbers and the longer headers are read", "[npy]") {
  CHECK(read_npy<double>(numpy / "scalar.npy")() == 0.25);
  CHECK(read_npy<double>(numpy / "scalar.npy").dimension() == 0);
  const NpyArray empty = read_npy(numpy / "empty.npy");
  CHECK(empty.shape() == std::vector<std::size_t>{3, 0, 2});
  CHECK(empty.read<float>().size() == 0);
  check_counted<double>("version_2", 0.125, -1);
  check_counted<double>("version_3", 0.125, -1);
}

TEST_CASE("text and records are there, but no numbers", "[npy]") {
  const NpyArray text = read_npy(numpy / "text.npy");
  CHECK(text.dtype() == Dtype::other);
  CHECK(text.bytes().size() == 40);
  CHECK_THROWS_WITH(
      text.read<double>(),
      test::contains("text.npy: tensor 'array': dtype: expected numbers that 53 bits hold, got <U5"));
  CHECK_THROWS_WITH(read_npy<double>(numpy / "records.npy"),
                    test::contains("got [('a', '<i4'), ('b', '<f8')]"));
  CHECK_THROWS_WITH(read_npy<float>(numpy / "f8.npy"), test::contains("numbers that 24 bits hold, got <f8"));
}

TEST_CASE("what is written has the bytes that NumPy writes", "[npy]") {
  const test::TemporaryFolder folder;
  const auto path = folder / "array.npy";
  const xt::xarray<double> real = read_npy<double>(numpy / "f8.npy");
  write_npy(path, real);
  CHECK(contents(path) == contents(numpy / "f8.npy"));
  write_npy(path, xt::cast<float>(real));
  CHECK(contents(path) == contents(numpy / "f4.npy"));
  write_npy(path, read_npy<double>(numpy / "scalar.npy"));
  CHECK(contents(path) == contents(numpy / "scalar.npy"));
  write_npy(path, read_npy<float>(numpy / "empty.npy"));
  CHECK(contents(path) == contents(numpy / "empty.npy"));
  write_npy(path, read_npy<bool>(numpy / "b1.npy"));
  CHECK(contents(path) == contents(numpy / "b1.npy"));
  xt::xarray<double, xt::layout_type::column_major> columns = real;
  write_npy(path, columns);
  CHECK(contents(path) == contents(numpy / "f8.npy"));
}

TEST_CASE("what NumPy cannot hold is not written", "[npy]") {
  const std::byte bytes[4] = {};
  CHECK_THROWS_WITH(npy_head("F", {"x", Dtype::bf16, {2}, bytes}),
                    "F: array 'x': expected a type that NumPy has, got BF16");
  CHECK_THROWS_WITH(npy_head("F", {"x", Dtype::f32, {2}, bytes}),
                    "F: array 'x': expected 8 bytes for its shape, got 4");
  CHECK_THROWS_WITH(npy_head("F", {"x", Dtype::u8, std::vector<std::size_t>(65, 1), bytes}),
                    "F: array 'x': expected at most 64 axes, got 65");
}

TEST_CASE("a file that does not begin as a .npy file is refused", "[npy]") {
  const std::string magic = "F: header: expected \\x93NUMPY, with which a .npy file begins, got ";
  CHECK(refusal({}) == magic + "nothing");
  CHECK(refusal(bytes_of("PK\3\4 and more")) == magic + "'PK\\x03\\x04 a'");
  const std::string begin(npy_magic);
  CHECK(refusal(bytes_of(begin + "\1")) == "F: header: expected a version of 2 bytes, got 1");
  CHECK(refusal(bytes_of(begin + "\4" + std::string(9, '\0'))) ==
        "F: header: expected version 1.0, 2.0 or 3.0, got 4.0");
  CHECK(refusal(bytes_of(begin + "\1" + std::string(1, '\0') + "\1")) ==
        "F: header: expected a header length of 2 bytes, got 1");
  CHECK(refusal(bytes_of(begin + "\2" + std::string(1, '\0') + "\xFF\xFF\xFF\xFF")) ==
        "F: header: expected a header of at most 0 bytes, got 4294967295");
}

TEST_CASE("a dictionary that is not NumPy's is refused", "[npy]") {
  CHECK(dictionary_refusal("") == "F: header: expected '{', got the header's end");
  CHECK(dictionary_refusal("{}") == "F: header: expected the key 'descr', got none of this name");
  CHECK(dictionary_refusal("{'descr': '<f4', 'shape': ()}") ==
        "F: header: expected the key 'fortran_order', got none of this name");
  CHECK(dictionary_refusal("{'shape': (), 'shape': ()}") ==
        "F: header: expected a key of its own, got 'shape' again");
  CHECK(dictionary_refusal("{'more': 1}") ==
        "F: header: expected the keys 'descr', 'fortran_order' and 'shape', got 'more'");
  CHECK(dictionary_refusal("{'fortran_order': 1}") ==
        "F: header: expected fortran_order True or False, got '1}'");
  CHECK(dictionary_refusal("{'shape': (-1,)}") == "F: header: expected an extent of 0 or more, got '-1,)}'");
  CHECK(dictionary_refusal("{'shape': (1 2)}") == "F: header: expected ')', got '2)}'");
  CHECK(dictionary_refusal("{'shape': (18446744073709551616,)}") ==
        "F: header: expected extents that can be addressed, got '18446744073709551616...'");
  CHECK(dictionary_refusal("{'descr': [('a'}") == "F: header: expected a list's end, got '[('a'}'");
  CHECK(dictionary_refusal("{'descr") == "F: header: expected a string's end, got ''descr'");
  CHECK(dictionary_refusal("{'descr': '<f4', 'fortran_order': False, 'shape': ()} x", 4) ==
        "F: header: expected the dictionary's end, got 'x'");
}

TEST_CASE("keys in any order, of either quotation marks, and Python 2's long extents are read", "[npy]") {
  const Bytes file = file_of("{ \"shape\" : (2L , 3 ) ,'fortran_order':False,'descr':'|i1'}\n", 6);
  CHECK(NpyArray(file, "F").shape() == std::vector<std::size_t>{2, 3});
  CHECK(dictionary_refusal("{'descr': '=i2', 'fortran_order': False, 'shape': 3}", 6) ==
        "F: header: expected '(', got '3}'");
  CHECK(refusal(file_of("{'descr': '=i2', 'fortran_order': False, 'shape': (3)}", 6)) == "taken");
}

TEST_CASE("a shape that the numbers do not fill is refused, whatever its product overflows to", "[npy]") {
  const auto of = [](const std::string& shape, std::size_t data) {
    return dictionary_refusal("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", data);
  };
  CHECK(of("(2,)", 7) == "F: data: expected 8 bytes for its shape, got 7");
  CHECK(of("(2,)", 9) == "F: data: expected 8 bytes for its shape, got 9");
  CHECK(of("(4611686018427387904, 4)", 0) ==
        "F: shape: expected a size that can be addressed, got an overflow");
  CHECK(of("(0, 4611686018427387904, 4)", 0) ==
        "F: shape: expected a size that can be addressed, got an overflow");
  CHECK(of("(1000000000000,)", 8) == "F: data: expected 4000000000000 bytes for its shape, got 8");
  std::string axes;
  for (int i = 0; i < 65; ++i) axes += "1,";
  std::string text(npy_magic);
  const std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + axes + ")}";
  text += {'\1', '\0', static_cast<char>(dictionary.size()), '\0'};
  CHECK(refusal(bytes_of(text + dictionary)) == "F: header: expected at most 64 axes, got more");
}
