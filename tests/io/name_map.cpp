#include <ctgrad/io/hugging_face_names.hpp>
#include <ctgrad/io/keras_names.hpp>
#include <ctgrad/io/pytorch_names.hpp>

#include <support/catch.hpp>

#include <limits>
#include <set>

using namespace ctgrad::io;

TEST_CASE("the first rule that fits a name says where it is", "[name_map]") {
  const NameMap map{{"head.weight", "fc.kernel", layout::transposed},
                    {"head.*.weight", "heads.*.w"},
                    {"head.weight", "never"}};
  CHECK(map.find("head.weight").name == "fc.kernel");
  CHECK(map.find("head.weight").layout == layout::transposed);
  CHECK(map.find("head.12.weight").name == "heads.12.w");
  CHECK(map.find("head.12.weight").layout == layout::same);
}

TEST_CASE("a name that no rule fits is the same in the file", "[name_map]") {
  const NameMap map{{"head.*.weight", "heads.*.w", layout::transposed}};
  for (const std::string name : {"", "head.weight", "head..weight", "head.x.weight", "head.1.weights",
                                 "a.head.1.weight", "head.1", "head.1.2.weight", "head.*.weight"}) {
    CHECK(map.find(name).name == name);
    CHECK(map.find(name).layout == layout::same);
  }
  CHECK(NameMap().find("x").name == "x");
}

TEST_CASE("numbers come over in their order", "[name_map]") {
  CHECK(NameMap{{"a.*.b.*", "x.*.*.y"}}.find("a.10.b.2").name == "x.10.2.y");
  CHECK(NameMap{{"*", "n*"}}.find("007").name == "n007");
}

TEST_CASE("a rule whose names differ in their numbers is refused", "[name_map]") {
  CHECK_THROWS_WITH((NameMap{{"a.*", "b"}}), "NameMap: expected as many * in 'b' as in 'a.*'");
  CHECK_THROWS_WITH((NameMap{{"a", "b.*"}}), "NameMap: expected as many * in 'b.*' as in 'a'");
}

TEST_CASE("a rule that names a part that there is not is refused", "[name_map]") {
  const auto rule = [](std::size_t part, std::size_t parts) {
    return NameRule{"\x1b.weight", "w", {.part = part, .parts = parts}};
  };
  const std::string beginning = "NameMap: '\\x1B.weight': expected a part below its ";
  CHECK_THROWS_WITH((NameMap{rule(3, 3)}), beginning + "3 parts, counted from 0, got part 3");
  CHECK_THROWS_WITH((NameMap{rule(0, 0)}), beginning + "0 parts, counted from 0, got part 0");
  CHECK_THROWS_WITH((NameMap{rule(std::numeric_limits<std::size_t>::max(), 1)}),
                    beginning + "1 parts, counted from 0, got part 18446744073709551615");
  CHECK_NOTHROW(NameMap{rule(2, 3)}.under("a.", "b."));
}

TEST_CASE("a table of a layer serves wherever that layer stands", "[name_map]") {
  const NameMap map = pytorch::encoder().under("encoder.", "transformer.encoder.") +
                      pytorch::linear().under("head.", "classifier.");
  const NameMap::Place key = map.find("encoder.layers.11.attention.key.weight");
  CHECK(key.name == "transformer.encoder.layers.11.self_attn.in_proj_weight");
  CHECK(key.layout == Layout{.transposed = true, .part = 1, .parts = 3});
  CHECK(map.find("encoder.layers.0.attention.value.bias").layout == Layout{.part = 2, .parts = 3});
  CHECK(map.find("encoder.layers.0.feed_forward_norm.shift").name ==
        "transformer.encoder.layers.0.norm2.bias");
  CHECK(map.find("encoder.norm.scale").name == "transformer.encoder.norm.weight");
  CHECK(map.find("head.weight").name == "classifier.weight");
  CHECK(map.find("layers.0.attention.key.weight").name == "layers.0.attention.key.weight");
}

TEST_CASE("of several names of a tensor the first that a file has holds", "[name_map]") {
  const NameMap map = NameMap{{"*.scale", "n.*.weight", layout::same, {"n.*.gamma", "old.*"}}}.or_under("m.");
  const auto found = [&](const std::set<std::string>& file) {
    return map.find("3.scale", [&](const std::string& name) { return file.contains(name); }).name;
  };
  CHECK(found({"n.3.weight", "n.3.gamma", "m.n.3.weight"}) == "n.3.weight");
  CHECK(found({"n.3.gamma", "m.n.3.weight"}) == "n.3.gamma");
  CHECK(found({"old.3", "n.4.weight"}) == "old.3");
  CHECK(found({"m.n.3.weight", "m.old.3"}) == "m.n.3.weight");
  CHECK(found({"m.n.3.gamma"}) == "m.n.3.gamma");
  CHECK(found({"m.old.3"}) == "m.old.3");
  CHECK(found({"scale"}) == "n.3.weight");
  CHECK(map.find("3.scale").name == "n.3.weight");
  CHECK_THROWS_WITH((NameMap{{"a.*", "b.*", layout::same, {"c"}}}),
                    "NameMap: expected as many * in 'c' as in 'a.*'");
}

TEST_CASE("a table says which tensors are none of a model's, wherever it stands", "[name_map]") {
  const NameMap layer = NameMap().ignoring({"attn.bias"});
  const NameMap map = layer.under("layers.*.", "h.*.").or_under("m.") + NameMap().ignoring({"ids"});
  for (const char* name : {"h.0.attn.bias", "h.11.attn.bias", "m.h.2.attn.bias", "ids"})
    CHECK(map.ignores(name));
  for (const char* name :
       {"attn.bias", "h.x.attn.bias", "h.0.attn.bias.2", "m.ids", "layers.0.attn.bias", ""})
    CHECK_FALSE(map.ignores(name));
  CHECK_FALSE(NameMap().ignores("ids"));
}

TEST_CASE("a table says which tensors repeat a parameter", "[name_map]") {
  const NameMap map = NameMap()
                          .repeating({{"w.*", "again.*", layout::same, {"once_more.*"}}})
                          .under("a.", "b.")
                          .or_under("m.");
  CHECK(map.repeats("a.w.7") ==
        std::vector<std::string>{"b.again.7", "b.once_more.7", "m.b.again.7", "m.b.once_more.7"});
  CHECK(map.repeats("w.7").empty());
  CHECK_THROWS_WITH(NameMap().repeating({{"a.*", "b"}}), "NameMap: expected as many * in 'b' as in 'a.*'");
}

TEST_CASE("no table says two things of one name, or of one place", "[name_map]") {
  for (const NameMap& map :
       {pytorch::encoder(), pytorch::decoder(), keras::transformer_model(), keras::decoder_block(),
        keras::attention(), hugging_face::bert(), hugging_face::gpt2()}) {
    std::set<std::string> ours, theirs;
    for (const NameRule& rule : map.rules()) {
      CHECK(ours.insert(rule.ours).second);
      CHECK(theirs.insert(rule.theirs + std::to_string(rule.layout.part)).second);
    }
    CHECK_FALSE(ours.empty());
  }
}
