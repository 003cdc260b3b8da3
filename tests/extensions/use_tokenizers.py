from tokenizers import Tokenizer, models, trainers, pre_tokenizers, decoders, normalizers, processors

t = Tokenizer(models.BPE(unk_token="[UNK]"))
t.pre_tokenizer = pre_tokenizers.Whitespace()
t.normalizer = normalizers.Lowercase()
t.train_from_iterator(
    ["hello world", "hello there world", "the world is big"] * 10,
    trainers.BpeTrainer(vocab_size=60, special_tokens=["[UNK]", "[CLS]"], show_progress=False),
)
e = t.encode("Hello big world")
print(e.tokens, e.ids, e.offsets)
print(t.decode(e.ids), t.get_vocab_size())
print([x.ids for x in t.encode_batch(["the", "world"])])
print(Tokenizer.from_str(t.to_str()).encode("there").tokens)
try:
    Tokenizer.from_str("x")
except Exception as x:
    print(type(x).__name__, str(x)[:40])
