// examples/10_sentences.cpp for a small model.
#include "../../../examples/support/sentences/run.hpp"
#include "small_model.hpp"

int main(int argc, char** argv) {
  return sentences::run("10_sentences", argc, argv, sentences::compiled_small_model());
}
