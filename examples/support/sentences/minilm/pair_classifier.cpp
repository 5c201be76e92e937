#include "../pair_network.hpp"

template std::unique_ptr<sentences::PairClassifier> sentences::make_pair_classifier<384>();
