#pragma once

#include <ctgrad/autodiff/graphs.hpp>
#include <ctgrad/check/differences.hpp>
#include <ctgrad/runtime/inputs.hpp>
#include <ctgrad/runtime/machine.hpp>
#include <ctgrad/runtime/trace.hpp>

/// A function and its derivatives to second order as programs in double, at points near a given one.
namespace ctgrad::runtime {

/// The tags of the graphs of a function's real results and their derivatives.
template <auto Function, class... Arguments>
struct Derivatives {
  static constexpr Graph function() {
    Graph graph = Trace<Function, Arguments...>::traced();
    std::erase_if(graph.outputs, [&](std::int32_t id) { return graph[id].type.kind != Kind::real; });
    return graph;
  }
  static constexpr std::size_t inputs = (std::size_t{0} + ... + leaf_count<Arguments>());

  struct Value {
    static constexpr Graph make() { return passes::optimize(function()); }
  };
  /// x..., v... -> y..., J v...
  struct Forward {
    static constexpr Graph make() { return passes::optimize(autodiff::jvp_graph(function(), inputs)); }
  };
  /// x..., u... -> y..., J^T u...
  struct Reverse {
    static constexpr Graph make() { return passes::optimize(autodiff::vjp_graph(function())); }
  };
  /// x..., v..., w... -> y..., J v..., J w..., (d/dw J v)...
  struct ForwardForward {
    static constexpr Graph make() {
      return passes::optimize(autodiff::jvp_graph(autodiff::jvp_graph(function(), inputs), inputs));
    }
  };
  /// x..., u..., w... -> J^T u..., (d/dw J^T u)...
  struct ForwardReverse {
    static constexpr Graph make() {
      return passes::optimize(autodiff::jvp_graph(autodiff::gradient_graph(function()), inputs));
    }
  };
  /// x..., v..., 0..., u... -> the gradient of <u, J v> with respect to x..., and to v...
  struct ReverseForward {
    static constexpr Graph make() {
      return passes::optimize(autodiff::gradient_graph(autodiff::jvp_graph(function(), inputs)));
    }
  };
  /// x..., u..., v... -> the gradient of <v, J^T u> with respect to x..., and to u...
  struct ReverseReverse {
    static constexpr Graph make() {
      return passes::optimize(autodiff::gradient_graph(autodiff::gradient_graph(function())));
    }
  };
};

/// Runs a function and its derivatives. Directions v and w are like the real arrays of the arguments, u like
/// those of the result.
template <auto Function, class... Arguments>
class DerivativePrograms {
  using Tags = Derivatives<Function, Arguments...>;

 public:
  template <class... Inputs>
  explicit DerivativePrograms(const Inputs&... inputs) {
    int position = 0;
    (list_.template add<Arguments>(inputs, ++position), ...);
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      const void* data = list_.data()[i];
      pointers_.push_back(data);
      if (leaves_[i].kind != Kind::real) continue;
      const auto* numbers = static_cast<const double*>(data);
      x_.emplace_back(numbers, numbers + leaves_[i].size);
      real_.push_back(i);
    }
    outputs_ = values_at(x_);
  }

  /// The arguments' real arrays, and what the function gives for them.
  const Vectors& x() const { return x_; }
  const Vectors& y() const { return outputs_; }
  /// "argument 2 (head.weight)"
  const std::string& name(std::size_t i) const { return leaves_[real_[i]].name; }

  Vectors values_at(const Vectors& x) {
    value_.run(at(x).data(), node_name);
    return outputs(value_, 0, Machine<double, typename Tags::Value>::graph.output_count);
  }
  /// y..., then J v...
  Vectors forward(const Vectors& v) const { return all<typename Tags::Forward>(x_, {&v}); }
  Vectors forward_at(const Vectors& x, const Vectors& v) const {
    return all<typename Tags::Forward>(x, {&v});
  }
  /// y..., then J^T u...
  Vectors reverse(const Vectors& u) const { return all<typename Tags::Reverse>(x_, {&u}); }
  Vectors reverse_at(const Vectors& x, const Vectors& u) const {
    return all<typename Tags::Reverse>(x, {&u});
  }

  /// <u, second derivative along v and w>, by each of the modes.
  double forward_forward(const Vectors& u, const Vectors& v, const Vectors& w) const {
    return inner_product(u, last<typename Tags::ForwardForward>({&v, &w}, u.size()));
  }
  double forward_reverse(const Vectors& u, const Vectors& v, const Vectors& w) const {
    return inner_product(v, last<typename Tags::ForwardReverse>({&u, &w}, v.size()));
  }
  double reverse_forward(const Vectors& u, const Vectors& v, const Vectors& w) const {
    const Vectors none = zeros_like(u);
    return inner_product(w, first<typename Tags::ReverseForward>({&v, &none, &u}, w.size()));
  }
  double reverse_reverse(const Vectors& u, const Vectors& v, const Vectors& w) const {
    return inner_product(w, first<typename Tags::ReverseReverse>({&u, &v}, w.size()));
  }

 private:
  static std::string node_name(std::int32_t id) { return "node " + std::to_string(id); }

  std::vector<const void*> at(const Vectors& x, const std::vector<const Vectors*>& more = {}) const {
    std::vector<const void*> inputs = pointers_;
    for (std::size_t i = 0; i < real_.size(); ++i) inputs[real_[i]] = x[i].data();
    for (const Vectors* vectors : more) {
      for (const auto& vector : *vectors) inputs.push_back(vector.data());
    }
    return inputs;
  }

  template <class Tag>
  static Vectors outputs(const Machine<double, Tag>& machine, std::size_t first, std::size_t count) {
    Vectors result;
    for (std::size_t i = first; i < first + count; ++i) {
      const auto* data = reinterpret_cast<const double*>(machine.output(i));
      result.emplace_back(data, data + machine.output_types[i].shape.size());
    }
    return result;
  }

  template <class Tag>
  Vectors all(const Vectors& x, const std::vector<const Vectors*>& more) const {
    Machine<double, Tag> machine;
    machine.run(at(x, more).data(), node_name);
    return outputs(machine, 0, Machine<double, Tag>::graph.output_count);
  }
  template <class Tag>
  Vectors first(const std::vector<const Vectors*>& more, std::size_t count) const {
    Vectors outputs = all<Tag>(x_, more);
    outputs.resize(count);
    return outputs;
  }
  template <class Tag>
  Vectors last(const std::vector<const Vectors*>& more, std::size_t count) const {
    const Vectors outputs = all<Tag>(x_, more);
    return {outputs.end() - static_cast<std::ptrdiff_t>(count), outputs.end()};
  }

  const std::vector<typename Leaves<Arguments...>::Leaf> leaves_ = Leaves<Arguments...>::list();
  InputList<double, Tags::inputs> list_;  ///< holds the arguments of rank 0, to which pointers lead
  std::vector<const void*> pointers_;
  std::vector<std::size_t> real_;
  Vectors x_;
  Vectors outputs_;
  Machine<double, typename Tags::Value> value_;
};

}  // namespace ctgrad::runtime
