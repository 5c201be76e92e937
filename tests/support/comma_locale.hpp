#pragma once

#include <support/temporary_folder.hpp>

#include <array>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <locale>
#include <string>

namespace ctgrad::test {

/// While this lives, the process' locale, both C's and C++'s, writes 1.234,5. The system need not have such a
/// locale: its file is made here. Where the C library takes no such file (it is glibc's), `in_c` is false.
class CommaLocale {
 public:
  CommaLocale() : before_(std::locale::global(std::locale(std::locale(), new Comma))) {
    const std::array<unsigned char, 64> numeric{
        0x14, 0x11, 0x03, 0x20, 6,   0,   0,   0,   32,  0,   0,   0,   34,  0,   0, 0,
        36,   0,    0,    0,    40,  0,   0,   0,   44,  0,   0,   0,   48,  0,   0, 0,
        ',',  0,    '.',  0,    3,   3,   0,   0,   ',', 0,   0,   0,   '.', 0,   0, 0,
        'A',  'N',  'S',  'I',  '_', 'X', '3', '.', '4', '-', '1', '9', '6', '8', 0, 0};
    std::filesystem::create_directory(folder_ / "comma");
    std::ofstream(folder_ / "comma/LC_NUMERIC", std::ios::binary)
        .write(reinterpret_cast<const char*>(numeric.data()), numeric.size());
    ::setenv("LOCPATH", (folder_ / ".").c_str(), 1);
    in_c = std::setlocale(LC_NUMERIC, "comma") != nullptr;
  }
  CommaLocale(const CommaLocale&) = delete;
  CommaLocale& operator=(const CommaLocale&) = delete;
  ~CommaLocale() {
    std::setlocale(LC_NUMERIC, "C");
    ::unsetenv("LOCPATH");
    std::locale::global(before_);
  }

  bool in_c = false;

 private:
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };

  TemporaryFolder folder_;
  std::locale before_;
};

}  // namespace ctgrad::test
