// Vectors of sentences by all-MiniLM-L6-v2, a BERT of 6 layers that is published: similarities, neighbours, a
// search in a folder of texts, and a classifier of pairs that is trained on them. `./dev sentences` gets the
// model.
//
//     10_sentences --model DIR "A girl is styling her hair." "A girl is brushing her hair."
//     10_sentences --model DIR --file sentences.txt --neighbours 3
//     10_sentences --model DIR --file sentences.txt --npy vectors.npy
//     10_sentences --model DIR --index notes.index --folder notes --search "what is due on Monday?"
//     10_sentences --model DIR --train pairs.csv --save similar.safetensors
//
// The model and its program are in support/sentences/minilm/, each bucket a source file of its own; reading
// the model's folder, texts and CSV files, the index and what is printed in support/sentences/.
#include "support/sentences/minilm/compiled_minilm.hpp"
#include "support/sentences/run.hpp"

int main(int argc, char** argv) {
  return sentences::run("10_sentences", argc, argv, sentences::compiled_minilm());
}
