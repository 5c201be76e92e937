#include <ctgrad/ctgrad.hpp>

#include <buckets/sentences.hpp>

/// What a program of varying lengths refuses, and how it names it.
namespace {

using namespace ctgrad;
using namespace ctgrad::test;

struct Table {
  BOOST_HANA_DEFINE_STRUCT(Table, (nn::Embedding<20, 2>, words));
};

/// Rows of the table, of tokens and of labels; and of ids that are computed.
struct Look {
  template <Size Rows, Size Length>
  constexpr auto operator()(const auto& model, const nn::TokenBatch<Rows, Length>& text,
                            const Index<Rows>& labels) const {
    return text.mean_of_tokens(model.words(text.ids)) + model.words(labels);
  }
};
struct LookAtLengths {
  template <Size Rows, Size Length>
  constexpr auto operator()(const auto& table, const nn::TokenBatch<Rows, Length>& text) const {
    return embedding(table, text.lengths);
  }
};
struct Sum {
  template <Size Rows, Size Length>
  constexpr auto operator()(const nn::TokenBatch<Rows, Length>& a,
                            const nn::TokenBatch<Rows, Length>& b) const {
    return a.mean(as_real(a.lengths) + as_real(b.lengths));
  }
};

using Looks = BucketedProgram<Lengths<2, 4>, Batches<1, 2>, Look{}, Table, Tokens, Each<Index<>>>;

}  // namespace

TEST_CASE("a sequence beyond the last length is refused with the limit, and one without tokens",
          "[buckets]") {
  const Parameters<Table> parameters{Seed{1}};
  Looks look;
  const std::vector<int> labels{0, 1};
  const auto before = look(parameters, Sentences{{1}, {2, 3, 4}}, labels);
  const xt::xtensor<float, 2> numbers = before;
  CHECK_THROWS_WITH(look(parameters, Sentences{{1}, {1, 2, 3, 4, 5}}, labels),
                    "argument 2[1]: expected 1 to 4 tokens, the last of the Lengths, got 5");
  CHECK_THROWS_WITH(look(parameters, Sentences{{}, {1}}, labels),
                    "argument 2[0]: expected 1 to 4 tokens, the last of the Lengths, got 0");
  CHECK_THROWS_AS(look(parameters, Sentences{{}, {1}}, labels), std::invalid_argument);
  CHECK((look.result() == numbers));
}

TEST_CASE("an id out of range is named as the caller wrote it, and nothing has changed", "[buckets]") {
  const Parameters<Table> parameters{Seed{1}};
  Looks look;
  const std::vector<int> labels{0, 1, 2, 3, 4};
  const Sentences right{{1, 2}, {3, 4, 5}, {6}, {7, 8, 9}, {10}};
  look.run(parameters, right, labels);
  const xt::xtensor<float, 2> numbers = look.result();
  Sentences wrong = right;
  wrong[3][2] = 20;
  CHECK_THROWS_WITH(look(parameters, wrong, labels),
                    "argument 2[3][2] = 20 is not in [0, 20) of embedding 'words'");
  CHECK_THROWS_AS(look(parameters, wrong, labels), std::out_of_range);
  wrong = right;
  wrong[4][0] = -1;
  CHECK_THROWS_WITH(look(parameters, wrong, labels),
                    "argument 2[4][0] = -1 is not in [0, 20) of embedding 'words'");
  std::vector<int> bad = labels;
  bad[2] = 99;
  CHECK_THROWS_WITH(look(parameters, right, bad),
                    "argument 3[2] = 99 is not in [0, 20) of embedding 'words'");
  const std::vector<std::vector<std::int64_t>> wide{{1}, {2, std::int64_t{1} << 40}};
  CHECK_THROWS_WITH(look(parameters, wide, std::vector<int>{0, 0}),
                    contains("argument 2[1][1]: expected an integer from") && contains("got 1099511627776"));
  CHECK_THROWS_WITH(look(parameters, right, std::vector<std::int64_t>{0, 1, 2, 3, std::int64_t{1} << 40}),
                    contains("argument 3[4]: expected an integer from"));
  CHECK((look.result() == numbers));
  CHECK((look(parameters, right, labels) == numbers));
}

TEST_CASE("arguments are as many as there are sequences", "[buckets]") {
  const Parameters<Table> parameters{Seed{1}};
  Looks look;
  CHECK_THROWS_WITH(look(parameters, Sentences{{1}, {2}}, std::vector<int>{1}),
                    "argument 3: expected shape [2], a row for each sequence, got [1]");
  BucketedProgram<Lengths<2>, Batches<2>, Sum{}, Tokens, Tokens> sum;
  CHECK_THROWS_WITH(sum(Sentences{{1}, {2}}, Sentences{{1}}),
                    "argument 2: expected 2 sequences, as many as argument 1 has, got 1");
  CHECK_THROWS_WITH(sum(Sentences{}, Sentences{}),
                    "argument 1: expected a sequence at least, since the result is a mean, got none");
}

TEST_CASE("ids that the function computes are refused within a run, and the result before is not shown",
          "[buckets]") {
  BucketedProgram<Lengths<2, 4>, Batches<1>, LookAtLengths{}, Tensor<4, 2>, Tokens> look;
  const xt::xtensor<float, 2> table{{1, 2}, {3, 4}, {5, 6}, {7, 8}};
  const xt::xtensor<float, 2> found = look(table, Sentences{{0}, {0, 0, 0}});
  CHECK((found == xt::xtensor<float, 2>{{3, 4}, {7, 8}}));
  CHECK_THROWS_WITH(look(table, Sentences{{0}, {0, 0, 0, 0}}), contains("= 4 is not in [0, 4)"));
  CHECK((look(table, Sentences{{0, 0}}) == xt::xtensor<float, 2>{{5, 6}}));
}
