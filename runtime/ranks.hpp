#pragma once

#include <ctgrad/runtime/rank_call.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// Processes that compute one program together.
namespace ctgrad {

/// What one of several processes throws where another one has thrown something else: all leave the step
/// together, and none has changed anything.
class RankError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What has to be the same at all ranks, and what it is at this one.
struct EqualPart {
  std::string what;
  std::string text;
};

/// Processes, ranks 0 to size() - 1, that run the same program and share its shards. Copies are the same
/// ranks. What all of them have to call together says so; each of these calls waits for the others, and tells
/// them by a RankCall which one it is.
class Ranks {
 public:
  /// Bytes of a message: from where, or to where.
  struct Sent {
    const std::byte* data = nullptr;
    std::size_t size = 0;
  };
  struct Received {
    std::byte* data = nullptr;
    std::size_t size = 0;
  };

  /// What carries bytes from rank to rank. Its functions are called by all ranks together, in the same order,
  /// with the same RankCall. One that can tell where ranks do otherwise ends the job with different_calls or
  /// different_sizes: each of them would wait for the others for ever, or take one's numbers for another's.
  class Transport {
   public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    virtual std::size_t rank() const = 0;
    virtual std::size_t size() const = 0;
    /// Sends sent[r] to rank r and receives received[r] from it, for all ranks but this one; returns when all
    /// is there. What is sent to a rank has the size of what it receives from this one.
    virtual void exchange(std::span<const Sent> sent, std::span<const Received> received, RankCall call) = 0;
    /// Makes each of these few numbers the least of those that ranks pass at its place.
    virtual void least(std::span<std::uint64_t> numbers, RankCall call) = 0;
    /// Ends all ranks at once: called by one that cannot go on, as the others would wait for it for ever.
    [[noreturn]] virtual void end_job(int exit_code) = 0;

   protected:
    /// Whether the last that ranks have done together is to throw exceptions.
    bool have_left() const { return have_left_; }

   private:
    friend class Ranks;
    bool have_left_ = false;
  };

  /// This process alone.
  Ranks() = default;

  /// The ranks that a transport connects. Throws std::invalid_argument where there is none.
  explicit Ranks(std::shared_ptr<Transport> transport) : transport_(std::move(transport)) {
    if (transport_ == nullptr) throw std::invalid_argument("Ranks: expected a transport, got a null pointer");
  }

  std::size_t rank() const { return transport_ == nullptr ? 0 : transport_->rank(); }
  std::size_t size() const { return transport_ == nullptr ? 1 : transport_->size(); }
  /// Whether this is the rank that prints and writes files.
  bool is_first() const { return rank() == 0; }

  /// Called by all ranks: Transport::exchange.
  void exchange(std::span<const Sent> sent, std::span<const Received> received,
                RankCall call = RankCall::exchange) const {
    if (size() == 1) return;
    transport_->have_left_ = false;
    transport_->exchange(sent, received, call);
  }

  /// Called by all ranks: from then on every rank has part r of `all` as rank r had it, the bytes [ends[r -
  /// 1], ends[r]). Room for messages is the caller's, one for each rank.
  void gather(std::byte* all, std::span<const std::size_t> ends, std::span<Sent> sent,
              std::span<Received> received, RankCall call = RankCall::gather) const {
    const auto part = [&](std::size_t r) {
      const std::size_t begin = r == 0 ? 0 : ends[r - 1];
      return Received{all + begin, ends[r] - begin};
    };
    for (std::size_t r = 0; r < size(); ++r) {
      sent[r] = {part(rank()).data, part(rank()).size};
      received[r] = part(r);
    }
    exchange(sent, received, call);
  }

  /// Called by all ranks: gives what each of them has passed.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  std::vector<T> gather(const T& mine, RankCall call = RankCall::gather) const {
    std::vector<T> all(size(), mine);
    std::vector<std::size_t> ends(size());
    for (std::size_t r = 0; r < size(); ++r) ends[r] = (r + 1) * sizeof(T);
    std::vector<Sent> sent(size());
    std::vector<Received> received(size());
    gather(reinterpret_cast<std::byte*>(all.data()), ends, sent, received, call);
    return all;
  }

  /// Called by all ranks, with a buffer of the same size: from then on it holds what that of rank `from` did.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void broadcast(std::span<T> numbers, std::size_t from = 0, RankCall call = RankCall::broadcast) const {
    std::vector<Sent> sent(size());
    std::vector<Received> received(size());
    for (std::size_t r = 0; r < size() && rank() == from; ++r)
      sent[r] = {bytes_of(numbers), numbers.size_bytes()};
    if (rank() != from) received[from] = {bytes_of(numbers), numbers.size_bytes()};
    exchange(sent, received, call);
  }

  /// Called by all ranks: gives the text of rank `from`.
  std::string broadcast(const std::string& text, std::size_t from,
                        RankCall call = RankCall::broadcast) const {
    std::string result(gather(text.size(), call)[from], '\0');
    if (rank() == from) result = text;
    broadcast(std::span<char>(result), from, call);
    return result;
  }

  /// Called by all ranks: whether one of them says so.
  bool any(bool mine, RankCall call = RankCall::agreement) const { return first_of(mine, call) < size(); }

  /// Called by all ranks: does the work of this one. Where that throws at one rank or at several, all ranks
  /// throw: those what they have thrown, the others a RankError with the message of the first of them.
  template <class Work>
  void together(const Work& work, RankCall call = RankCall::agreement) const {
    together(
        work, call, [] { return std::uint64_t{0}; }, [] { return std::vector<EqualPart>(); });
  }

  /// The same for work that has to begin with the same data at all ranks. `digest()`, a number that depends
  /// on all of them, is asked behind the work; where it is not the same, all ranks throw
  /// std::invalid_argument with what differs first in the list that `parts()` gives, as long and in the same
  /// order everywhere.
  template <class Work, class Digest, class Parts>
  void together(const Work& work, RankCall call, const Digest& digest, const Parts& parts) const {
    if (size() == 1) return work();
    std::exception_ptr failed;
    std::uint64_t number = 0;
    try {
      work();
      number = digest();
    } catch (...) {
      failed = std::current_exception();
    }
    if (are_equal(failed, number, call)) return;
    refuse(parts());
  }

  /// Whether the last that ranks have done together is to throw exceptions, so that each may end by itself.
  bool have_left() const { return transport_ == nullptr || transport_->have_left_; }

  /// Ends all ranks at once, unless this process is alone: called by one that cannot go on.
  void end_job(int exit_code) const {
    if (size() > 1) transport_->end_job(exit_code);
  }

  /// Called by all ranks: throws std::invalid_argument, at each of them, where one has another text for
  /// `what`, as of an option or of a file:
  ///
  ///     ranks.require_same("the seed", std::to_string(seed));
  ///
  ///     the seed: expected the same at all ranks, got 3 at rank 2, 1 at rank 0
  void require_same(const std::string& what, const std::string& mine) const {
    const std::string first = broadcast(mine, 0, RankCall::comparison);
    const std::size_t other = first_of(mine != first, RankCall::comparison);
    if (other == size()) return;
    const std::string got = broadcast(mine, other, RankCall::comparison);
    transport_->have_left_ = true;
    throw std::invalid_argument(what + ": expected the same at all ranks, got " + got + " at rank " +
                                std::to_string(other) + ", " + first + " at rank 0");
  }

 private:
  /// Called by all ranks: whether they have passed the same digest. Throws, where one or several have failed,
  /// at all of them. A function of its own, so that it is compiled once and not wherever something is done
  /// together.
  [[gnu::noinline]] bool are_equal(const std::exception_ptr& failed, std::uint64_t digest,
                                   RankCall call) const {
    std::array numbers{static_cast<std::uint64_t>(failed == nullptr ? size() : rank()), digest, ~digest};
    transport_->have_left_ = false;
    transport_->least(numbers, call);
    if (numbers[0] < size()) leave(failed, numbers[0]);
    return numbers[1] == ~numbers[2];
  }

  /// Called by all ranks: throws what has failed at this one, or a RankError with what has at rank `first`.
  [[noreturn, gnu::noinline, gnu::cold]] void leave(const std::exception_ptr& failed,
                                                    std::size_t first) const {
    const std::string message =
        broadcast(failed == nullptr ? std::string() : words_of(failed), first, RankCall::comparison);
    transport_->have_left_ = true;
    if (failed != nullptr) std::rethrow_exception(failed);
    throw RankError("rank " + std::to_string(first) + ": " + message);
  }

  /// Called by all ranks, where their parts are not all equal: throws what says so.
  [[noreturn, gnu::noinline, gnu::cold]] void refuse(const std::vector<EqualPart>& parts) const {
    for (const EqualPart& part : parts) require_same(part.what, part.text);
    transport_->have_left_ = true;
    throw std::invalid_argument("expected the same at all ranks, got others: have they begun alike?");
  }

  static std::string words_of(const std::exception_ptr& failed) {
    try {
      std::rethrow_exception(failed);
    } catch (const std::exception& error) {
      return error.what();
    } catch (...) {
      return "an exception of another type than std::exception";
    }
  }

  /// The first rank that says so; size() if none does. Called by all ranks, and allocates nothing.
  std::size_t first_of(bool mine, RankCall call) const {
    const std::size_t first = mine ? rank() : size();
    if (size() == 1) return first;
    std::uint64_t number = first;
    transport_->have_left_ = false;
    transport_->least(std::span(&number, 1), call);
    return number;
  }

  template <class T>
  static std::byte* bytes_of(std::span<T> numbers) {
    return reinterpret_cast<std::byte*>(numbers.data());
  }

  std::shared_ptr<Transport> transport_;
};

}  // namespace ctgrad
