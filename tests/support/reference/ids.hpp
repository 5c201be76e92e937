#pragma once

#include <support/reference/reductions.hpp>

#include <ctgrad/ops/linear_cross_entropy/linear_cross_entropy.hpp>

/// Rows and elements chosen by the integers of the second operand.
namespace ctgrad::test {

inline std::size_t id_at(const Call& x, const Position& position) {
  return static_cast<std::size_t>(at(x[1], position));
}

/// The position in a table of the row element at `p`: the id there, then the axes behind those of the ids.
inline Position in_table(const Call& x, const Position& p) {
  const auto ids_rank = static_cast<std::ptrdiff_t>(x[1].dimension());
  Position result{id_at(x, Position(p.begin(), p.begin() + ids_rank))};
  result.insert(result.end(), p.begin() + ids_rank, p.end());
  return result;
}

template <>
inline Numbers reference<ops::Gather>(const Call& x) {
  Numbers result(x.shape());
  for_each_position(x.shape(), [&](const Position& p) { at(result, p) = at(x[0], in_table(x, p)); });
  return result;
}
template <>
inline Numbers reference<ops::ScatterAdd>(const Call& x) {
  Numbers result(x.shape(), 0.0);
  for_each_position({x[0].shape().begin(), x[0].shape().end()},
                    [&](const Position& p) { at(result, in_table(x, p)) += at(x[0], p); });
  return result;
}
template <>
inline Numbers reference<ops::OffsetIds>(const Call& x) {
  Numbers result(x.shape());
  const auto axis = static_cast<std::size_t>(x.attributes().integers[1]);
  for_each_position(x.shape(), [&](const Position& p) {
    at(result, p) = at(x[0], p) + static_cast<double>(p[axis]) * x.attributes().integers[0];
  });
  return result;
}
template <>
inline Numbers reference<ops::ReplaceIds>(const Call& x) {
  const auto& ids = x.attributes().integers;
  Numbers result(x.shape());
  for_each_position(x.shape(), [&](const Position& p) {
    const double id = at(x[0], p);
    at(result, p) = id == ids[0] ? ids[1] : id;
  });
  return result;
}
template <>
inline Numbers reference<ops::Pick>(const Call& x) {
  Numbers result(x.shape());
  for_each_position(x.shape(),
                    [&](const Position& p) { at(result, p) = at(x[0], followed_by(p, id_at(x, p))); });
  return result;
}
template <>
inline Numbers reference<ops::Place>(const Call& x) {
  Numbers result(x.shape(), 0.0);
  for_each_position({x[0].shape().begin(), x[0].shape().end()},
                    [&](const Position& p) { at(result, followed_by(p, id_at(x, p))) = at(x[0], p); });
  return result;
}

template <>
inline Numbers reference<ops::CrossEntropy>(const Call& x) {
  Numbers result(x.shape());
  for_each_position(x.shape(), [&](const Position& p) {
    Row row;
    for (std::size_t j = 0; j < x[0].shape().back(); ++j)
      row.push_back(static_cast<long double>(at(x[0], followed_by(p, j))));
    at(result, p) = static_cast<double>(negative_log_softmax(row, id_at(x, p)));
  });
  return result;
}

/// One row after the other: its logits, then minus the logarithm of its target's share.
template <>
inline Numbers reference<ops::LinearCrossEntropy>(const Call& x) {
  const ops::LinearCrossEntropyForm form(x.attributes());
  const std::size_t width = x[1].shape(0);
  const std::size_t vocabulary = x[1].shape(1);
  long double sum = 0;
  for (std::size_t row = 0; row < x[2].size(); ++row) {
    const double weight = form.weighted ? x[form.bias ? 4 : 3].data()[row] : 1;
    if (form.ignores && weight == 0) continue;
    Row logits;
    for (std::size_t v = 0; v < vocabulary; ++v) {
      long double logit = form.bias ? static_cast<long double>(x[3](v)) : 0;
      for (std::size_t k = 0; k < width; ++k) {
        logit +=
            static_cast<long double>(x[0].data()[row * width + k]) * static_cast<long double>(x[1](k, v));
      }
      logits.push_back(logit);
    }
    const auto target = static_cast<std::size_t>(x[2].data()[row]);
    sum += static_cast<long double>(weight) * negative_log_softmax(logits, target);
  }
  return Numbers(x.shape(), static_cast<double>(sum));
}

}  // namespace ctgrad::test
