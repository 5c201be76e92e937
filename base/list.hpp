#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

/// Arrays for passes over graphs. In constant evaluation every call costs the compiler microseconds and
/// kilobytes, and a std::vector makes a dozen of them for each element that it takes; these make one.
namespace ctgrad {

class Graph;
struct Value;

/// A growing array of plain values.
template <class T>
class List {
  friend class Graph;  // these read nodes without even that call
  friend struct Value;
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  constexpr List() = default;
  constexpr List(const T* first, std::size_t count) {
    reserve(count);
    for (; size_ < count; ++size_) std::construct_at(data_ + size_, first[size_]);
  }
  constexpr List(const List& other) : List(other.data_, other.size_) {}
  constexpr List(List&& other) noexcept { swap(other); }
  constexpr List& operator=(List other) noexcept {
    swap(other);
    return *this;
  }
  constexpr ~List() { free(data_, capacity_); }

  constexpr const T& operator[](std::size_t i) const { return data_[i]; }
  constexpr T& operator[](std::size_t i) { return data_[i]; }
  constexpr const T* data() const { return data_; }
  constexpr T* data() { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr const T* begin() const { return data_; }
  constexpr const T* end() const { return data_ + size_; }

  /// The value must not lie in the list itself.
  constexpr void push_back(const T& value) {
    if (size_ == capacity_) move(4 * size_ + 64);
#ifdef CTGRAD_LISTS_MOVE
    // At each push, so that a sanitizer sees who keeps a reference to an element across one.
    if (!std::is_constant_evaluated()) move(capacity_);
#endif
    std::construct_at(data_ + size_, value);
    ++size_;
  }

  /// Keeps the first `count` elements.
  constexpr void truncate(std::size_t count) { size_ = count; }

  constexpr void reserve(std::size_t capacity) {
    if (capacity > capacity_) move(capacity);
  }

 private:
  constexpr void move(std::size_t capacity) {
    T* moved = std::allocator<T>().allocate(capacity);
    for (std::size_t i = 0; i < size_; ++i) std::construct_at(moved + i, data_[i]);
    free(data_, capacity_);
    data_ = moved;
    capacity_ = capacity;
  }
  static constexpr void free(T* data, std::size_t capacity) {
    if (data != nullptr) std::allocator<T>().deallocate(data, capacity);
  }
  constexpr void swap(List& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// One value for every node of a graph, by its number: zero, false or absent at first.
template <class T>
class PerNode {
  friend class Graph;

 public:
  constexpr PerNode() = default;
  constexpr explicit PerNode(std::int32_t nodes) : values_(new T[static_cast<std::size_t>(nodes)]{}) {}
  constexpr PerNode(PerNode&& other) noexcept : values_(std::exchange(other.values_, nullptr)) {}
  constexpr PerNode& operator=(PerNode&& other) noexcept {
    std::swap(values_, other.values_);
    return *this;
  }
  constexpr ~PerNode() { delete[] values_; }

  constexpr const T& operator[](std::int32_t id) const { return values_[id]; }
  constexpr T& operator[](std::int32_t id) { return values_[id]; }
  constexpr const T* data() const { return values_; }
  constexpr T* data() { return values_; }

 private:
  T* values_ = nullptr;
};

}  // namespace ctgrad
