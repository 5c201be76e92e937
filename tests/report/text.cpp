#include <ctgrad/report/svg.hpp>

#include <support/catch.hpp>

#include "markup.hpp"

#include <random>

namespace ctgrad::report {

namespace {

/// What a browser shows of escaped text.
std::string shown(const std::string& text) { return test::read_markup("<p>" + escaped(text) + "</p>").text; }

}  // namespace

TEST_CASE("what means something in markup is escaped", "[report]") {
  CHECK(escaped("<b> & \"c\" 'd'") == "&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  CHECK(shown("<b> & \"c\" 'd' &amp;") == "<b> & \"c\" 'd' &amp;");
  CHECK(element("text", {{"x", "\"><script>"}}, text_of("</text>")).text ==
        "<text x=\"&quot;&gt;&lt;script&gt;\">&lt;/text&gt;</text>");
}

TEST_CASE("UTF-8 stays, and what is none is made visible", "[report]") {
  CHECK(shown("naïve 日本 🙂") == "naïve 日本 🙂");
  CHECK(shown("\xE2\x82") == "\\xE2\\x82");               // cut off
  CHECK(shown("\xC0\xAF") == "\\xC0\\xAF");               // overlong
  CHECK(shown("\xE0\x80\xAF") == "\\xE0\\x80\\xAF");      // overlong
  CHECK(shown("\xED\xA0\x80") == "\\xED\\xA0\\x80");      // a surrogate
  CHECK(shown("\xF4\x90\x80\x80").starts_with("\\xF4"));  // beyond the last character
  CHECK(shown("\xFF") == "\\xFF");
  CHECK(shown("a\nb\tc") == "a\nb\tc");
  CHECK(shown(std::string("\0\x1B\x7F", 3)) == "␀␛␡");
}

TEST_CASE("no bytes at all break the markup that holds them", "[report]") {
  const std::uint64_t seed = test::seed();
  std::mt19937_64 random(seed);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes(random() % 12, ' ');
    for (char& byte : bytes) byte = static_cast<char>(random() % 256);
    INFO("seed " << seed << ", trial " << trial);
    const std::string both = element("p", {{"title", bytes}}, text_of(visible(bytes))).text;
    REQUIRE_NOTHROW(test::read_markup(both));
    for (const Character& c : characters(both)) REQUIRE(c.valid);
  }
}

TEST_CASE("a token's spaces, newlines and tabs are seen", "[report]") {
  CHECK(visible("\n") == "↵");
  CHECK(visible("a\tb") == "a⇥b");
  CHECK(visible(" the cat ") == "␣the cat␣");
  CHECK(visible("  ") == "␣␣");
  CHECK(visible("") == "∅");
  CHECK(visible("plain") == "plain");
  CHECK(visible("<&>") == "<&>");  // escaping comes later
}

TEST_CASE("columns count what one sees", "[report]") {
  CHECK(columns("abc") == 3);
  CHECK(columns("naïve") == 5);
  CHECK(columns("e\xCC\x81") == 1);  // an accent of its own
  CHECK(columns("日本") == 4);
  CHECK(columns("\xFF") == 4);  // as it is shown
  CHECK(shortened("encyclopedia", 9) == "encyclop…");
  CHECK(shortened("日本語", 4) == "日…");
  CHECK(shortened("short", 5) == "short");
}

TEST_CASE("numbers are short, with a point whatever the locale", "[report]") {
  CHECK(number(12) == "12");
  CHECK(number(12.5) == "12.5");
  CHECK(number(0.125) == "0.12");
  CHECK(number(-0.001) == "0");
  CHECK(number(100) == "100");
  CHECK(number(1e6, 0) == "1000000");
  CHECK(significant(0.031249) == "0.03125");
  CHECK(significant(1.5e-7) == "1.5e-07");
  CHECK(significant(std::nan("")) == "nan");
}

TEST_CASE("the reader of markup refuses what browsers repair", "[report]") {
  for (const char* broken : {"<p>", "<p></q>", "<p class=a></p>", "<p class='a'></p>",
                             R"(<p a="1" a="2"></p>)", "<p>a & b</p>", "<p>1 < 2</p>", "<p>&unknown;</p>",
                             "<p/>", "<p></p><p></p>", "<p><b></p></b>", "<meta>", "<p a></p>"}) {
    CAPTURE(broken);
    CHECK_THROWS_AS(test::read_markup(broken), std::runtime_error);
  }
  CHECK(test::read_markup("<p><svg><line x=\"&lt;\"/></svg></p>").children[0].children[0].at("x") == "<");
}

}  // namespace ctgrad::report
