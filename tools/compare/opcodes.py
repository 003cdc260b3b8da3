"""Check src/bytecode/opcodes.def and opargs.def against the oracle.   python3.14 tools/compare/opcodes.py"""
import _opcode
import os
import re
import sys
import dis
import opcode
import _opcode_metadata as metadata

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "bytecode")
wrong = 0


def check(condition, what):
    global wrong
    if condition: return
    wrong += 1
    print(what)


def rows(file):
    with open(os.path.join(ROOT, file)) as source:
        for kind, arguments in re.findall(r"^([A-Z_0-9]+)\((.*)\)$", source.read(), re.M):
            if kind != "define": yield kind, [a.strip() for a in arguments.split(", ")]


FLAGS = {"kArg": _opcode.has_arg, "kConst": _opcode.has_const, "kName": _opcode.has_name, "kJump": _opcode.has_jump,
         "kFree": _opcode.has_free, "kLocal": _opcode.has_local, "kBlock": _opcode.has_exc}


def effect(op, pops, pushes, flags):
    for arg in (0, 1, 2, 3, 4, 5, 0x103):
        if op == opcode.opmap["BUILD_SLICE"] and arg not in (2, 3): continue
        for jump in (False, True):
            oparg = arg
            ours = eval(pushes) - eval(pops)
            if "kBlock" in flags and not jump: ours = 0
            try: theirs = opcode.stack_effect(op, arg if _opcode.has_arg(op) else None, jump=jump)
            except ValueError: continue
            check(ours == theirs, f"{opcode.opname[op]} {arg} jump={jump}: stack effect {ours}, oracle {theirs}")


seen = {}
families = {}
for kind, row in rows("opcodes.def"):
    name, number = row[0], int(row[1])
    if kind in ("OWN", "FUSED"): continue
    seen[name] = number
    if kind in ("OP", "PSEUDO"):
        if kind == "OP": check(int(row[2]) == opcode._inline_cache_entries.get(name, 0), f"{name}: caches")
        pops, pushes, flags = row[-3], row[-2], row[-1].split(" | ")
        for flag, has in FLAGS.items(): check((flag in flags) == has(number), f"{name}: {flag}")
        effect(number, pops, pushes, flags)
    elif kind == "SPECIALIZED":
        families.setdefault(row[2], []).append(name)
check(seen == {**metadata.opmap, **metadata._specialized_opmap}, "opcode numbers")
check({k: sorted(v) for k, v in families.items()} == {k: sorted(v) for k, v in metadata._specializations.items()}, "families")

tables = {}
for kind, row in rows("opargs.def"): tables.setdefault(kind, []).append(row)
check([(r[0], r[2].strip('"')) for r in tables["BINARY"]] == _opcode.get_nb_ops(), "BINARY")
check([r[2].strip('"') for r in tables["COMPARE"]] == list(opcode.cmp_op), "COMPARE")
check([r[0] for r in tables["INTRINSIC1"]] == _opcode.get_intrinsic1_descs(), "INTRINSIC1")
check([r[0] for r in tables["INTRINSIC2"]] == _opcode.get_intrinsic2_descs(), "INTRINSIC2")
check([r[2].strip('"') for r in tables["SPECIAL"]] == _opcode.get_special_method_names(), "SPECIAL")
check([r[0] for r in tables["COMMON"]] == [c.__name__ for c in opcode._common_constants], "COMMON")
check([r[2].strip('"') for r in tables["FUNCTION_ATTRIBUTE"]] == list(dis.FUNCTION_ATTR_FLAGS), "FUNCTION_ATTRIBUTE")
for table in tables.values():
    if table is tables["FUNCTION_ATTRIBUTE"]: continue
    check([int(r[1]) for r in table] == list(range(len(table))), f"numbers of {table[0]}")
print(f"{len(seen)} opcodes, {sum(map(len, tables.values()))} arguments, {wrong} wrong")
sys.exit(wrong != 0)
