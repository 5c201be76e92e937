#include "product.hpp"

std::span<const bench::Product> bench::products_of_toy_1() { return products<toy_1>(); }
