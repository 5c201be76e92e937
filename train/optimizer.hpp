#pragma once

#include <ctgrad/io/values.hpp>
#include <ctgrad/train/flat.hpp>
#include <ctgrad/train/groups.hpp>
#include <ctgrad/train/update_slices.hpp>

#include <algorithm>
#include <vector>

namespace ctgrad {

/// One of the buffers that an optimiser remembers between steps, of the parameters' layout.
template <class Element>
struct StateBuffer {
  const char* name;  ///< "mean"
  std::span<Element> numbers;
  io::Values values = io::Values::finite;  ///< what it holds in every sound run, which checkpoints look at
};

/// What optimisers over a flat buffer share: their size, steps and learning rate, and updates that refuse bad
/// input before they change anything. `Derived::apply(parameters, gradients, factor)` takes step
/// `steps() + 1`, the gradients times the factor being what it goes by; or throws before it changes anything.
/// `Derived::squares` says whether it needs their squares, `Derived::has_decay` whether it has a weight
/// decay.
///
/// `Derived::state()` gives a std::array of StateBuffers. They and `steps()` are all that a step follows
/// from, beside the options and the learning rate: copied into another optimiser, they make it go on bit for
/// bit.
template <class Derived, std::floating_point Scalar>
class Optimizer {
 public:
  /// One step by a loss and its gradients, as value_and_grad and GradientSum give them; allocates nothing.
  /// Gradients of a larger norm than `max_norm`, those of frozen parameters apart, are clipped to it.
  /// Gradients of another model do not compile. Throws std::invalid_argument if a buffer has another size
  /// than the optimiser, which is 0 once it was moved from, or the parameters are of another layout than
  /// those that it was made for, and a NonFiniteNumber for what is not finite as a Scalar: NonFiniteLoss,
  /// NonFiniteGradient (naming the parameter) of a gradient, of one times the factor or, where Adam needs it,
  /// of its square; or of the factor, the norm as a double, the rate, the decay. It has then changed nothing.
  /// Parameters that finite steps take beyond the largest Scalar are left to the next loss.
  template <FlatParameters P, LossAndGradients Result>
  void update(P& parameters, const Result& result, MaxNorm max_norm = {}) {
    require_same_model<P, std::remove_cvref_t<decltype(result.gradients)>>();
    const auto loss = static_cast<double>(result.value);
    slices_.ranks().together([&] {
      if (!is_finite(loss)) throw NonFiniteLoss(steps_ + 1, loss);
    });
    update(parameters, result.gradients, max_norm);
  }

  /// The same of gradients alone.
  template <FlatParameters P, FlatGradients Gradients>
  void update(P& parameters, const Gradients& gradients, MaxNorm max_norm = {}) {
    require_same_model<P, Gradients>();
    require_layout(parameters);
    step(parameters.flat(), gradients.flat(), factor_of(gradients), max_norm,
         [&](std::size_t index) { return name_in(parameters, index); });
  }

  /// What is neither is refused where it is written.
  template <FlatParameters P, class Result>
    requires(!LossAndGradients<Result> && !FlatGradients<Result>)
  void update(P&, const Result&, MaxNorm = {}) {
    static_assert(LossAndGradients<Result>,
                  "update: takes gradients, or a loss with them, as a Program of value_and_grad(loss) gives");
  }

  /// The same of bare numbers, which have no names.
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradients, MaxNorm max_norm = {}) {
    step(parameters, gradients, 1, max_norm, [](std::size_t) { return std::string(); });
  }

  /// "Adam"
  const char* name() const { return name_; }

  /// The number of steps taken.
  std::uint64_t steps() const { return steps_; }

  /// Says how many steps the state has behind it, when it was copied from elsewhere.
  void restore_steps(std::uint64_t steps) {
    steps_ = steps;
    state_is_whole_ = true;
  }

  /// Throws std::invalid_argument if it was made for parameters of another layout.
  template <FlatParameters P>
  void require_layout(const P& parameters) const {
    ctgrad::require_layout(name_, layout_, layout_of(parameters));
  }

  /// From now on treats parameters as their groups say, and those of no group as if there were none. Groups
  /// are options: a checkpoint does not hold them, and a run that goes on from one sets them again. A step
  /// allocates nothing. Throws std::invalid_argument, naming the group, if it chooses no parameter or one
  /// that another one chooses, for a number out of range or a decay where the optimiser has none, and if it
  /// was made for bare numbers, which have no names; nothing has changed then.
  void set_groups(const std::vector<ParameterGroup>& groups) {
    if (layout_ == nullptr && !groups.empty()) {
      throw std::invalid_argument(std::string(name_) +
                                  ": groups: expected an optimiser of a model's parameters, got one of bare "
                                  "numbers, which have no names");
    }
    for (std::size_t group = 0; group < groups.size(); ++group) check(groups[group], group);
    ranges_ = groups.empty() ? ungrouped_ : grouped_ranges(name_, *layout_, size_, groups, ungrouped_);
  }

  /// From now on steps are shared by the threads of a team, which changes no bit of them. Those over few
  /// numbers are not.
  void set_team(Team team) { slices_.set_team(std::move(team)); }

  /// From now on steps are shared by ranks, which changes no bit of them either: all call `update` together,
  /// with the same parameters; each steps on its slice, and has all of the new ones in the end. Of gradients
  /// a rank reads those of its slice alone, and only of that it remembers anything: the memory of the rest is
  /// given back. What is refused at one rank is refused at all of them, as a RankError at the others.
  void set_ranks(Ranks ranks) { slices_.set_ranks(std::move(ranks)); }

  /// Called by all ranks: the first one has what all of them remember, as checkpoints hold it, until the next
  /// step.
  void gather_state() {
    if (slices_.is_alone()) return;
    for (const auto& buffer : static_cast<Derived&>(*this).state()) slices_.gather_at_first(buffer.numbers);
    state_is_whole_ = state_is_whole_ || slices_.ranks().is_first();
  }

  /// Whether state() has all numbers, not those of this rank's slice alone.
  bool state_is_whole() const { return state_is_whole_; }

  std::size_t size() const { return size_; }
  double learning_rate() const { return learning_rate_; }

  /// For the steps to come. Throws std::invalid_argument unless it is at least 0 and finite as a Scalar.
  void set_learning_rate(double learning_rate) {
    require(learning_rate >= 0 && finite_as<Scalar>(learning_rate), "learning_rate",
            "a finite number of at least 0", learning_rate);
    learning_rate_ = learning_rate;
  }

 protected:
  Optimizer(const char* name, std::size_t size, double learning_rate)
      : name_(name), size_(size), slices_(size) {
    set_learning_rate(learning_rate);
    set_ranges({{.end = size}});
  }

  /// Says how parameters are treated that are of no group.
  void set_ranges(std::vector<UpdateRange> ranges) {
    ungrouped_ = std::move(ranges);
    ranges_ = ungrouped_;
  }

  /// visit(begin, range) for every range that is not frozen.
  template <class Visit>
  void for_each_range(Visit visit) const {
    std::size_t begin = 0;
    for (const UpdateRange& range : ranges_) {
      if (!range.frozen) visit(begin, range);
      begin = range.end;
    }
  }

  /// visit(begin, end, range), maybe by several threads, for parts that make up what this rank has of every
  /// range that is not frozen.
  template <class Visit>
  void for_each_part(const Visit& visit) const {
    slices_.for_each_part([&](std::size_t first, std::size_t last) {
      for_each_range([&](std::size_t begin, const UpdateRange& range) {
        const std::size_t from = std::max(begin, first), to = std::min(range.end, last);
        if (from < to) visit(from, to, range);
      });
    });
  }

  /// Says whose parameters it is for.
  template <FlatParameters P>
  void set_layout(const P& parameters) {
    layout_ = layout_of(parameters);
  }

  /// require_option of an option of this optimiser.
  void require(bool holds, const char* option, const char* expected, double got) const {
    if (!holds) require_option(false, (std::string(name_) + ": " + option).c_str(), expected, got);
  }

  /// A number that the next step goes by. Throws NonFiniteNumber unless it is finite as a Scalar.
  Scalar finite(const char* what, double number) const {
    if (!finite_as<Scalar>(number)) throw NonFiniteNumber(steps_ + 1, what, number);
    return static_cast<Scalar>(number);
  }

 private:
  /// A function of its own: compilers take what is called once, such as main, for not worth vector code.
  template <class NameOf>
  [[gnu::noinline]] void step(std::span<Scalar> parameters, std::span<const Scalar> gradients, double factor,
                              MaxNorm max_norm, NameOf name_of) {
    require_size(name_, "parameters", size_, parameters.size());
    require_size(name_, "gradients", size_, gradients.size());
    const Scalar largest = slices_.largest_of(gradients);
    if (!is_finite(largest)) refuse(gradients, name_of, std::nullopt, 1);
    if (max_norm.is_finite()) {
      const double norm = std::abs(factor) * norm_of_moving(gradients);
      if (!is_finite(norm)) throw NonFiniteNumber(steps_ + 1, "norm of the gradients", norm);
      factor *= max_norm.factor(norm);
    }
    const Scalar scale = finite("factor of the gradients", factor);
    if (!is_finite(used(largest, scale))) refuse(gradients, name_of, scale, factor);
    static_cast<Derived&>(*this).apply(parameters.data(), gradients.data(), scale);
    if (!slices_.is_alone()) share(parameters);
    ++steps_;
  }

  /// What is made of a gradient.
  static Scalar used(Scalar gradient, Scalar scale) {
    const Scalar scaled = scale * gradient;
    return Derived::squares ? 2 * (scaled * scaled) : scaled;  // a mean of squares is rounded, maybe upwards
  }

  /// What all ranks do behind an apply: those of the others' slices are known then, and not remembered here.
  [[gnu::noinline]] void share(std::span<Scalar> parameters) {
    slices_.gather(parameters.data());
    if (!std::exchange(state_is_whole_, false)) return;
    for (const auto& buffer : static_cast<Derived&>(*this).state()) slices_.forget_others(buffer.numbers);
  }

  /// The norm of the gradients of all parameters that are not frozen.
  double norm_of_moving(std::span<const Scalar> gradients) {
    const bool all = std::ranges::none_of(ranges_, &UpdateRange::frozen);
    return norm_by([&](double scale) {
      return slices_.sum_of_blocks([&](std::size_t begin, std::size_t end) {
        const std::span<const Scalar> block = gradients.subspan(begin, end - begin);
        return all ? block_of_squares(block, scale) : moving_squares(block, begin, scale);
      });
    });
  }

  /// Of a block that begins there, frozen numbers as 0.
  double moving_squares(std::span<const Scalar> block, std::size_t at, double scale) const {
    std::array<Scalar, squares_block> moving{};
    for_each_range([&](std::size_t begin, const UpdateRange& range) {
      const std::size_t from = std::max(begin, at), to = std::min(range.end, at + block.size());
      for (std::size_t i = from; i < to; ++i) moving[i - at] = block[i - at];
    });
    return block_of_squares(std::span<const Scalar>(moving), scale);
  }

  void check(const ParameterGroup& group, std::size_t number) const {
    const auto require_number = [&](bool holds, const char* what, double got) {
      require_group(holds, name_, number, what, "a finite number of at least 0", shortest(got));
    };
    require_number(group.rate_factor >= 0 && is_finite(group.rate_factor), ": rate_factor",
                   group.rate_factor);
    if (!group.weight_decay) return;
    require_group(Derived::has_decay, name_, number, ": weight_decay",
                  std::string("none, as ") + name_ + " has no decay (AdamW has)",
                  shortest(*group.weight_decay));
    require_number(*group.weight_decay >= 0 && is_finite(*group.weight_decay), ": weight_decay",
                   *group.weight_decay);
  }

  /// Called by all ranks: throws NonFiniteGradient for the first gradient of this rank's slice that is not
  /// finite, or of which what is made by a scale, rounded from a factor, is not; and a RankError where there
  /// is none.
  template <class NameOf>
  [[gnu::noinline, gnu::cold]] void refuse(std::span<const Scalar> gradients, NameOf name_of,
                                           std::optional<Scalar> scale, double factor) const {
    slices_.ranks().together([&] {
      for (std::size_t i = slices_.own().begin; i < slices_.own().end; ++i) {
        const Scalar number = scale ? used(gradients[i], *scale) : gradients[i];
        if (is_finite(number)) continue;
        const std::string times = factor == 1 ? "" : " times " + shortest(factor);
        throw NonFiniteGradient(steps_ + 1, i, static_cast<double>(number), name_of(i),
                                times + (scale && Derived::squares ? ", squared" : ""));
      }
    });
  }

  const char* name_;
  MovedSize size_;
  const std::vector<FlatEntry>* layout_ = nullptr;  ///< of the parameters; null if that is not known
  std::vector<UpdateRange> ungrouped_, ranges_;
  UpdateSlices<Scalar> slices_;
  bool state_is_whole_ = true;
  double learning_rate_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace ctgrad
