import yaml

text = """
a: [1, 2.5, ~, yes, 'x']
b: &anchor {c: d, date: 2020-01-02}
e: *anchor
f: |
  lines
  of text
g: >-
  folded
  text
"""
c, python = yaml.load(text, yaml.CSafeLoader), yaml.load(text, yaml.SafeLoader)
print(c, c == python, c["b"] is c["e"])
print(yaml.dump(c, Dumper=yaml.CSafeDumper, default_flow_style=False), yaml.dump(c, Dumper=yaml.CSafeDumper) == yaml.dump(c, Dumper=yaml.SafeDumper))
print([type(t).__name__ for t in yaml.scan("a: [b]", Loader=yaml.CLoader)], [type(e).__name__ for e in yaml.parse("- x", Loader=yaml.CLoader)])
for bad in ("a: [", "a: b: c", "\t", "&a *b", "!!python/object:os.system x"):
    try:
        print(yaml.load(bad, yaml.CSafeLoader))
    except yaml.YAMLError as e:
        print(type(e).__name__, str(e).splitlines()[0])
print(yaml.compose("x: 1", Loader=yaml.CLoader), list(yaml.load_all("1\n---\n2", yaml.CLoader)))
