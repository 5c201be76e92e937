#include "product.hpp"

std::span<const bench::Product> bench::products_of_toy() { return products<toy>(); }
