#pragma once

#include <ctgrad/train/equal_steps.hpp>
#include <ctgrad/train/flat.hpp>
#include <ctgrad/train/groups.hpp>
#include <ctgrad/train/moving_norm.hpp>
#include <ctgrad/train/update_slices.hpp>

#include <algorithm>
#include <vector>

namespace ctgrad {

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
    update_by(parameters, result.gradients, static_cast<double>(result.value), max_norm);
  }

  /// The same of gradients alone.
  template <FlatParameters P, FlatGradients Gradients>
  void update(P& parameters, const Gradients& gradients, MaxNorm max_norm = {}) {
    require_same_model<P, Gradients>();
    update_by(parameters, gradients, std::nullopt, max_norm);
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
    step({.parameters = parameters, .gradients = gradients, .max_norm = max_norm},
         [](std::size_t) { return std::string(); });
  }

  /// "Adam"
  const char* name() const { return name_; }

  /// The number of steps taken.
  std::uint64_t steps() const { return steps_; }

  /// Says how many steps the state has behind it, when it was copied from elsewhere.
  void restore_steps(std::uint64_t steps) {
    steps_ = steps;
    state_is_whole_ = true;
    is_first_ = true;
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
    for (std::size_t group = 0; group < groups.size(); ++group)
      require_group_numbers<Scalar>(name_, groups[group], group, Derived::has_decay);
    ranges_ = groups.empty() ? ungrouped_ : grouped_ranges(name_, *layout_, size_, groups, ungrouped_);
  }

  /// From now on steps are shared by the threads of a team, which changes no bit of them. Those over few
  /// numbers are not.
  void set_team(Team team) { slices_.set_team(std::move(team)); }

  /// From now on steps are shared by ranks, which changes no bit of them either: all call `update` together,
  /// with the same parameters; each steps on its slice, and has all of the new ones in the end. Of gradients
  /// a rank reads those of its slice alone, and only of that it remembers anything: the memory of the rest is
  /// given back. What is refused at one rank is refused at all of them, as a RankError at the others. All of
  /// them throw std::invalid_argument where options, losses or, at their first step together, parameters
  /// differ. Throws std::logic_error where this optimiser remembers the slice of one of other ranks alone.
  void set_ranks(Ranks ranks) {
    if (!state_is_whole_) {
      throw std::logic_error(std::string(name_) +
                             ": set_ranks: expected an optimiser that knows all it remembers, got one with a "
                             "rank's slice: let it go on from a checkpoint of gather_state()");
    }
    slices_.set_ranks(std::move(ranks));
    is_first_ = true;
  }

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
  void for_each_range(const Visit& visit) const {
    for_each_moving(ranges_, visit);
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

  /// Throws std::invalid_argument, naming an option, unless `holds`.
  void require(bool holds, const char* option, const char* expected, double got) const {
    if (holds) return;
    throw std::invalid_argument(std::string(name_) + ": " + option + ": expected " + expected + ", got " +
                                shortest_as<Scalar>(got));
  }

  /// A number that the next step goes by, at all ranks. Throws NonFiniteNumber unless it is finite as a
  /// Scalar.
  Scalar finite(const char* what, double number) const {
    if (!finite_as<Scalar>(number)) refuse(what, number);
    return static_cast<Scalar>(number);
  }

 private:
  /// What a step is taken by.
  struct Update {
    std::span<Scalar> parameters;
    std::span<const Scalar> gradients;
    const std::vector<FlatEntry>* layout = nullptr;  ///< of the parameters, where it is known
    double factor = 1;                               ///< of the gradients
    std::optional<double> loss = {};
    MaxNorm max_norm = {};
  };

  template <FlatParameters P, FlatGradients Gradients>
  void update_by(P& parameters, const Gradients& gradients, std::optional<double> loss, MaxNorm max_norm) {
    step({parameters.flat(), gradients.flat(), layout_of(parameters), factor_of(gradients), loss, max_norm},
         [&](std::size_t index) { return name_in(parameters, index); });
  }

  /// A function of its own: compilers take what is called once, such as main, for not worth vector code.
  template <class NameOf>
  [[gnu::noinline]] void step(const Update& update, NameOf name_of) {
    begin_step(update);
    double factor = update.factor;
    const std::span<const Scalar> gradients = update.gradients;
    const Scalar largest = slices_.largest_of(gradients);
    if (!is_finite(largest)) refuse(gradients, name_of, std::nullopt, 1);
    if (update.max_norm.is_finite()) {
      const double norm = std::abs(factor) * norm_of_moving(slices_, ranges_, gradients);
      if (!is_finite(norm)) refuse("norm of the gradients", norm);
      factor *= update.max_norm.factor(norm);
    }
    const Scalar scale = finite("factor of the gradients", factor);
    if (!is_finite(used(largest, scale))) refuse(gradients, name_of, scale, factor);
    static_cast<Derived&>(*this).apply(update.parameters.data(), gradients.data(), scale);
    if (!slices_.is_alone()) share(update.parameters);
    ++steps_;
    is_first_ = false;
  }

  /// Called by all ranks: refuses what may be known to be wrong before there is anything to compute.
  [[gnu::noinline]] void begin_step(const Update& update) {
    const auto options = static_cast<const Derived&>(*this).options();
    std::array<StepOption, options.size() + 3> all{StepOption{"learning_rate", learning_rate_},
                                                   StepOption{"max_norm", update.max_norm.value()},
                                                   StepOption{"factor of the gradients", update.factor}};
    std::ranges::copy(options, all.begin() + 3);
    const std::span<const std::byte> bytes = std::as_bytes(update.parameters);
    const StepFacts facts{name_, steps_, all, ranges_, update.loss, is_first_, bytes};
    slices_.ranks().together(
        [&] {
          ctgrad::require_layout(name_, layout_, update.layout);
          require_size(name_, "parameters", size_, update.parameters.size());
          require_size(name_, "gradients", size_, update.gradients.size());
          if (update.loss && !is_finite(*update.loss)) throw NonFiniteLoss(steps_ + 1, *update.loss);
        },
        RankCall::update, [&] { return facts.digest(); }, [&] { return facts.parts(); });
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

  /// Called by all ranks, for a number that all of them have.
  [[gnu::noinline, gnu::cold]] void refuse(const char* what, double number) const {
    slices_.ranks().together([&] { throw NonFiniteNumber(steps_ + 1, what, number); });
  }

  /// Called by all ranks: throws what is wrong with gradients, of which some of this or another rank's slice
  /// are not finite, or what is made of them by a scale, rounded from a factor; and a RankError where that is
  /// another rank's.
  template <class NameOf>
  [[gnu::noinline, gnu::cold]] void refuse(std::span<const Scalar> gradients, NameOf name_of,
                                           std::optional<Scalar> scale, double factor) const {
    const runtime::RankSlice own = slices_.own();
    const std::string made =
        (factor == 1 ? "" : " times " + shortest(factor)) + (scale && Derived::squares ? ", squared" : "");
    slices_.ranks().together([&] {
      for (std::size_t i = own.begin; i < own.end; ++i) {
        const Scalar number = scale ? used(gradients[i], *scale) : gradients[i];
        if (is_finite(number)) continue;
        require_own_slice(name_, gradients[i], slices_.is_alone());
        throw NonFiniteGradient(steps_ + 1, i, static_cast<double>(number), name_of(i), made);
      }
    });
  }

  const char* name_;
  MovedSize size_;
  const std::vector<FlatEntry>* layout_ = nullptr;  ///< of the parameters; null if that is not known
  std::vector<UpdateRange> ungrouped_, ranges_;
  UpdateSlices<Scalar> slices_;
  bool state_is_whole_ = true;
  bool is_first_ = true;  ///< the next step, of those that these ranks take together
  double learning_rate_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace ctgrad
