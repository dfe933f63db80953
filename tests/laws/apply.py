"""Applies JSON Patches with Debian's python3-jsonpatch, which is not ours and whose integers are
exact. Standard input: lines of a document, the document wanted and the patch, with tabs between.
Prints what each patch makes of its document, a line each. Exit status 1 where one cannot be
applied, or makes something that is another document, whatever the order of its members."""

import json
import sys

import jsonpatch


def shape(value):
    """Tells 1 from 1.0 and True, and 0.0 from -0.0, which Python's == does not."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return repr(value)


def main():
    bad = 0
    for number, line in enumerate(sys.stdin, 1):
        document, wanted, patch = line.split("\t")
        try:
            got = jsonpatch.apply_patch(json.loads(document), json.loads(patch), in_place=True)
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as fault:
            print("line", number, type(fault).__name__, fault, file=sys.stderr)
            return 1
        if shape(got) != shape(json.loads(wanted)):
            bad += 1
            print("line", number, "is another document", file=sys.stderr)
        print(json.dumps(got, ensure_ascii=False, separators=(",", ":")))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
