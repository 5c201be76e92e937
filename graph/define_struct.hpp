#pragma once

#include <boost/hana/define_struct.hpp>

/// Hana's macro for the structs of models, which knows 39 members at most, with an error that says so: the
/// struct's name and 40 members end in hundreds of lines about pasted tokens.
#undef BOOST_HANA_DEFINE_STRUCT
#define BOOST_HANA_DEFINE_STRUCT(...) CTGRAD_STRUCT_OF(CTGRAD_SIZE_OF_STRUCT(__VA_ARGS__), __VA_ARGS__)

// clang-format off
#define CTGRAD_STRUCT_OF(SIZE, ...) CTGRAD_STRUCT_OF_SIZE(SIZE, __VA_ARGS__)
#define CTGRAD_STRUCT_OF_SIZE(SIZE, ...) CTGRAD_STRUCT_OF_##SIZE(__VA_ARGS__)
#define CTGRAD_STRUCT_OF_FEW(...) BOOST_HANA_DEFINE_STRUCT_IMPL(BOOST_HANA_PP_NARG(__VA_ARGS__), __VA_ARGS__)
#define CTGRAD_STRUCT_OF_MANY(TYPE, ...)                                                               \
  static_assert(sizeof(#TYPE) == 0, "BOOST_HANA_DEFINE_STRUCT: a struct lists at most 39 members; "    \
                                    "put some into structs of their own, equal ones into a std::array")

/* FEW, or MANY where the 41st argument is a member: (type, name). */
#define CTGRAD_SIZE_OF_STRUCT(...) \
  CTGRAD_SIZE_BY_41ST(CTGRAD_41ST(__VA_ARGS__,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,))
#define CTGRAD_41ST(e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12, e13, e14, e15, e16, e17, e18, e19, e20, e21, e22, \
                    e23, e24, e25, e26, e27, e28, e29, e30, e31, e32, e33, e34, e35, e36, e37, e38, e39, e40, next, ...) next
#define CTGRAD_SIZE_BY_41ST(MEMBER) CTGRAD_SECOND(CTGRAD_IF_MEMBER MEMBER, FEW, )
#define CTGRAD_IF_MEMBER(...) , MANY
#define CTGRAD_SECOND(...) CTGRAD_SECOND_OF(__VA_ARGS__)
#define CTGRAD_SECOND_OF(FIRST, SECOND, ...) SECOND
// clang-format on
