#include "product.hpp"

std::span<const bench::Product> bench::products_of_small() { return products<small>(); }
