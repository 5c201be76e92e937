#pragma once

#include <support/reference/random.hpp>

#include <ctgrad/ops/attention/attention.hpp>

#include <cmath>
#include <limits>

namespace ctgrad::test {

/// The element at (row, column) of the matrix that a leading position chooses.
inline double matrix_element(const Numbers& x, Position batch, std::size_t row, std::size_t column,
                             bool transposed) {
  batch.push_back(transposed ? column : row);
  batch.push_back(transposed ? row : column);
  return at(x, batch);
}

template <>
inline Numbers reference<ops::Matmul>(const Call& x) {
  const bool left = x.attributes().integers[0] != 0;
  const bool right = x.attributes().integers[1] != 0;
  const std::size_t rank = x.shape().size();
  const std::size_t inner = x[0].shape(left ? rank - 2 : rank - 1);
  Numbers result(x.shape());
  for_each_position(x.shape(), [&](const Position& p) {
    const Position batch(p.begin(), p.end() - 2);
    long double sum = 0;
    for (std::size_t k = 0; k < inner; ++k) {
      sum += static_cast<long double>(matrix_element(x[0], batch, p[rank - 2], k, left)) *
             static_cast<long double>(matrix_element(x[1], batch, k, p[rank - 1], right));
    }
    at(result, p) = static_cast<double>(sum);
  });
  return result;
}

/// One score, as the form says.
inline double attention_score(const Call& x, const ops::AttentionForm& form, const Position& lead,
                              std::size_t t, std::size_t s) {
  const auto element = [&](const Numbers& rows, std::size_t row, std::size_t column) {
    Position p = lead;
    p.insert(p.end() - (form.heads_last ? 1 : 0), row);
    p.push_back(column);
    return at(rows, p);
  };
  const auto repeated = [&](const Numbers& y) {
    Position p = lead;
    p.insert(p.end(), {t, s});
    for (std::size_t axis = 0; axis < p.size(); ++axis) p[axis] = y.shape(axis) == 1 ? 0 : p[axis];
    return at(y, p);
  };
  if (form.mask && (repeated(x[3]) != 0) == form.excluded) return form.fill;
  if (form.causal && s > t) return form.fill;
  double sum = 0;
  for (std::size_t c = 0; c < x[0].shape(x[0].dimension() - 1); ++c)
    sum += element(x[0], t, c) * element(x[1], s, c);
  return form.scale * sum + (form.bias ? repeated(x[static_cast<std::size_t>(form.bias_operand())]) : 0);
}

/// Says whether the weight at a position [lead..., t, s] of all weights is dropped.
inline bool is_dropped(const Call& x, const ops::AttentionForm& form, const Position& p,
                       const Position& shape) {
  if (form.threshold == 0) return false;
  const Words key = key_words(x[static_cast<std::size_t>(form.key_operand())], {});
  return keep_word(key, p, shape) < form.threshold;
}

/// One query after the other, from the definition of softmax.
template <>
inline Numbers reference<ops::Attention>(const Call& x) {
  const ops::AttentionForm form(x.attributes());
  const std::size_t rank = x[0].dimension();
  const std::size_t length = rank - (form.heads_last ? 3 : 2);
  Position lead_shape(x[0].shape().begin(), x[0].shape().begin() + static_cast<std::ptrdiff_t>(length));
  if (form.heads_last) lead_shape.push_back(x[0].shape(rank - 2));
  Position result_shape(x[0].shape().begin(), x[0].shape().end());
  result_shape.back() = x[2].shape(rank - 1);
  const Position log_shape = followed_by(lead_shape, x[0].shape(length));
  Numbers result = xt::zeros<double>(result_shape);
  Numbers logs = xt::zeros<double>(log_shape);
  for_each_position(log_shape, [&](const Position& query) {
    const Position lead(query.begin(), query.end() - 1);
    const std::size_t t = query.back();
    std::vector<double> scores;
    for (std::size_t s = 0; s < x[1].shape(length); ++s)
      scores.push_back(attention_score(x, form, lead, t, s));
    double most = -std::numeric_limits<double>::infinity();
    for (const double score : scores) most = std::max(most, score);
    double sum = 0;
    for (const double score : scores) sum += std::isinf(most) ? 0 : std::exp(score - most);
    at(logs, query) = most + (sum == 0 ? 0 : std::log(sum));
    for (std::size_t c = 0; c < result_shape.back(); ++c) {
      Position p = lead;
      p.insert(p.end() - (form.heads_last ? 1 : 0), t);
      p.push_back(c);
      for (std::size_t s = 0; s < scores.size() && sum != 0; ++s) {
        if (is_dropped(x, form, followed_by(query, s), followed_by(log_shape, scores.size()))) continue;
        Position value = lead;
        value.insert(value.end() - (form.heads_last ? 1 : 0), s);
        value.push_back(c);
        at(result, p) += std::exp(scores[s] - most) / sum * at(x[2], value);
      }
    }
  });
  Numbers all(x.shape());
  std::copy(logs.begin(), logs.end(), std::copy(result.begin(), result.end(), all.begin()));
  return all;
}

}  // namespace ctgrad::test
