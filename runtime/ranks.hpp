#pragma once

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

/// Processes, ranks 0 to size() - 1, that run the same program and share its shards. Copies are the same
/// ranks. What all of them have to call together says so; each of these calls waits for the others.
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

  /// What carries bytes from rank to rank. Its functions are called by all ranks together, in the same order.
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
    virtual void exchange(std::span<const Sent> sent, std::span<const Received> received) = 0;
    /// The least of the numbers that the ranks pass.
    virtual std::size_t least(std::size_t number) = 0;
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
  void exchange(std::span<const Sent> sent, std::span<const Received> received) const {
    if (size() == 1) return;
    transport_->have_left_ = false;
    transport_->exchange(sent, received);
  }

  /// Called by all ranks: from then on every rank has part r of `all` as rank r had it, the bytes [ends[r -
  /// 1], ends[r]). Room for messages is the caller's, one for each rank.
  void gather(std::byte* all, std::span<const std::size_t> ends, std::span<Sent> sent,
              std::span<Received> received) const {
    const auto part = [&](std::size_t r) {
      const std::size_t begin = r == 0 ? 0 : ends[r - 1];
      return Received{all + begin, ends[r] - begin};
    };
    for (std::size_t r = 0; r < size(); ++r) {
      sent[r] = {part(rank()).data, part(rank()).size};
      received[r] = part(r);
    }
    exchange(sent, received);
  }

  /// Called by all ranks: gives what each of them has passed.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  std::vector<T> gather(const T& mine) const {
    std::vector<T> all(size(), mine);
    std::vector<std::size_t> ends(size());
    for (std::size_t r = 0; r < size(); ++r) ends[r] = (r + 1) * sizeof(T);
    std::vector<Sent> sent(size());
    std::vector<Received> received(size());
    gather(reinterpret_cast<std::byte*>(all.data()), ends, sent, received);
    return all;
  }

  /// Called by all ranks, with a buffer of the same size: from then on it holds what that of rank `from` did.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void broadcast(std::span<T> numbers, std::size_t from = 0) const {
    std::vector<Sent> sent(size());
    std::vector<Received> received(size());
    for (std::size_t r = 0; r < size() && rank() == from; ++r)
      sent[r] = {bytes_of(numbers), numbers.size_bytes()};
    if (rank() != from) received[from] = {bytes_of(numbers), numbers.size_bytes()};
    exchange(sent, received);
  }

  /// Called by all ranks: gives the text of rank `from`.
  std::string broadcast(const std::string& text, std::size_t from) const {
    std::string result(gather(text.size())[from], '\0');
    if (rank() == from) result = text;
    broadcast(std::span<char>(result), from);
    return result;
  }

  /// Called by all ranks: whether one of them says so.
  bool any(bool mine) const { return first_of(mine) < size(); }

  /// Called by all ranks: does the work of this one. Where that throws at one rank or at several, all ranks
  /// throw: those what they have thrown, the others a RankError with the message of the first of them.
  template <class Work>
  void together(const Work& work) const {
    if (size() == 1) return work();
    std::exception_ptr failed;
    try {
      work();
    } catch (...) {
      failed = std::current_exception();
    }
    leave_where_failed(failed);
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
    const std::string first = broadcast(mine, 0);
    const std::size_t other = first_of(mine != first);
    if (other == size()) return;
    const std::string got = broadcast(mine, other);
    transport_->have_left_ = true;
    throw std::invalid_argument(what + ": expected the same at all ranks, got " + got + " at rank " +
                                std::to_string(other) + ", " + first + " at rank 0");
  }

 private:
  /// Called by all ranks: throws, where one or several have failed, at all of them. A function of its own, so
  /// that it is compiled once and not wherever something is done together.
  [[gnu::noinline, gnu::cold]] void leave_where_failed(const std::exception_ptr& failed) const {
    const std::size_t rank = first_of(failed != nullptr);
    if (rank == size()) return;
    const std::string message = broadcast(failed == nullptr ? std::string() : words_of(failed), rank);
    transport_->have_left_ = true;
    if (failed != nullptr) std::rethrow_exception(failed);
    throw RankError("rank " + std::to_string(rank) + ": " + message);
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
  std::size_t first_of(bool mine) const {
    const std::size_t first = mine ? rank() : size();
    if (size() == 1) return first;
    transport_->have_left_ = false;
    return transport_->least(first);
  }

  template <class T>
  static std::byte* bytes_of(std::span<T> numbers) {
    return reinterpret_cast<std::byte*>(numbers.data());
  }

  std::shared_ptr<Transport> transport_;
};

}  // namespace ctgrad
