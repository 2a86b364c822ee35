#!/usr/bin/env python3
"""Writes Sources/CTICore/Calls/NumberPlanData.swift from the number plans in the PyPI package `phonenumbers`.

    pip install phonenumbers && Tools/generate-number-plan.py > Sources/CTICore/Calls/NumberPlanData.swift

Every pattern of a plan accepts finitely many digit strings, so all of them together become one acyclic automaton whose
states are shared between countries: the daemon walks a table and never runs a regular expression.

A state is a line of one or more groups, or of none: [!]{digits target}, `!` for an accepting state, `digits` two
letters of five bits each for a set of digits, `target` three letters of five bits for the distance back to an earlier
state. State 0, which accepts nothing, and state 1, which accepts the empty string, are not written. A region is a line
of fields separated by `|`:

    region | calling code | 1 for the main region of a shared code | possible lengths | start of the general pattern |
    start of the international prefix | 1 where ordinary numbers are as short as extensions | rules

with rules for the national prefix, the first that fits wins, separated by `;`:

    W start,drop,prefix       the whole number fits: the first `drop` digits go, then `prefix` goes in front
    M start,dropped,prefix    after an optional 0: an area code that fits, then `dropped`, which goes; `prefix` in front
    L start,least             the longest prefix that fits goes, where `least` digits or more stay
    S start                   the longest prefix that fits goes
"""

import re
import sys
from re import _parser as sre

import phonenumbers
from phonenumbers import PhoneMetadata

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
DIGITS = "0123456789"


class Automaton:
    """States with equal futures are one state; a state's children always precede it."""

    def __init__(self):
        self.states = [(False, (0,) * 10), (True, (0,) * 10)]
        self.known = {state: index for index, state in enumerate(self.states)}
        self.starts = {}

    def start(self, pattern):
        if pattern not in self.starts:
            sequence = freeze(sre.parse(pattern))
            self.starts[pattern] = self.build(frozenset([sequence]), {})
        return self.starts[pattern]

    def build(self, futures, memo):
        """`futures`: what may still follow, each a sequence of parsed pattern items."""
        if futures in memo:
            return memo[futures]
        accepts, heads = expand(futures)
        children = []
        for digit in DIGITS:
            rest = frozenset(tail for accepted, tail in heads if digit in accepted)
            children.append(self.build(rest, memo) if rest else 0)
        state = (accepts, tuple(children))
        if state not in self.known:
            self.known[state] = len(self.states)
            self.states.append(state)
        memo[futures] = self.known[state]
        return memo[futures]

    def lines(self):
        for index, (accepts, children) in list(enumerate(self.states))[2:]:
            line = "!" if accepts else ""
            for target in dict.fromkeys(child for child in children if child):
                digits = sum(1 << d for d in range(10) if children[d] == target)
                back = index - target
                line += LETTERS[digits >> 5] + LETTERS[digits & 31]
                line += LETTERS[back >> 10] + LETTERS[back >> 5 & 31] + LETTERS[back & 31]
            yield line


def expand(futures):
    """Whether the empty string is among the futures, and each first digit set with what follows it."""
    accepts, heads, seen, work = False, set(), set(), list(futures)
    while work:
        sequence = work.pop()
        if sequence in seen:
            continue
        seen.add(sequence)
        if not sequence:
            accepts = True
            continue
        (kind, value), tail = sequence[0], sequence[1:]
        name = str(kind)
        if name == "LITERAL":
            heads.add((chr(value), tail))
        elif name == "IN":
            heads.add((digit_set(value), tail))
        elif name == "BRANCH":
            work += [tuple(branch) + tail for branch in frozen(value[1])]
        elif name == "SUBPATTERN":
            work.append(frozen_sequence(value[3]) + tail)
        elif name == "MAX_REPEAT":
            least, most, body = value
            body = frozen_sequence(body)
            if least == 0:
                work.append(tail)
            if most > 0:
                left = ((kind, (max(least - 1, 0), int(most) - 1, body)),) if most > 1 else ()
                work.append(body + left + tail)
        elif name == "AT":
            work.append(tail)
        else:
            sys.exit(f"a pattern holds {name}, which this script does not know")
    return accepts, heads


def frozen_sequence(sequence):
    return tuple((kind, freeze(value)) for kind, value in sequence)


def frozen(branches):
    return [frozen_sequence(branch) for branch in branches]


def freeze(value):
    if isinstance(value, (list, tuple)):
        return tuple(freeze(part) for part in value)
    if isinstance(value, sre.SubPattern):
        return frozen_sequence(value)
    return value


def digit_set(items):
    found = ""
    for kind, value in items:
        name = str(kind)
        if name == "LITERAL":
            found += chr(value)
        elif name == "RANGE":
            found += "".join(chr(code) for code in range(value[0], value[1] + 1))
        elif name == "CATEGORY":
            found += DIGITS
        else:
            sys.exit(f"a set holds {name}, which this script does not know")
    return found


def has_short_numbers(metadata):
    """Whether telephones have five digits or fewer: on small islands. Where there are long ones too, an extension is
    likelier than so short a number."""
    desc = metadata.fixed_line
    lengths = [length for length in (desc.possible_length if desc else ()) if length > 0]
    return bool(lengths) and min(lengths) <= 5 and max(lengths) <= 8


def rules(region, metadata, automaton):
    """The national prefix as metadata gives it for parsing, in the words of this file's opening."""
    pattern, transform = metadata.national_prefix_for_parsing, metadata.national_prefix_transform_rule
    if not pattern:
        return ""
    if transform is None:
        return f"S{automaton.start(pattern)}"
    if transform == r"\2":  # a prefix, a carrier's code, and a number of known length
        prefix, carrier, least = re.fullmatch(r"(\(\?:[^)]*\))\(\?:(\(.*\))\(\\d\{(\d+),\d+\}\)\)\?", pattern).groups()
        return f"L{automaton.start(prefix + carrier)},{least};S{automaton.start(prefix)}"
    area = re.fullmatch(r"0\?\(\?:(\(.*\))(\d+)\)\?", pattern)
    if area:
        marker = f"M{automaton.start(area[1])},{area[2]},{transform.removesuffix(chr(92) + '1')}"
        return f"{marker};S{automaton.start('0')}"
    out, prefix = [], transform.removesuffix("\\1")
    whole = re.fullmatch(r"(\(.*?\))\$(?:\|(.*))?", pattern)
    if whole:
        out.append(f"W{automaton.start(whole[1])},0,{prefix}")
        if whole[2]:
            out.append(f"S{automaton.start(whole[2])}")
        return ";".join(out)
    led = re.fullmatch(r"(\d)(\(.*\))", pattern)
    if led:
        return f"W{automaton.start(pattern)},{len(led[1])},{prefix}"
    sys.exit(f"{region}: no rule for {pattern} → {transform}")


def regions(automaton):
    shared = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    for code in sorted(shared):
        for position, region in enumerate(shared[code]):
            if region == "001":
                metadata = PhoneMetadata.metadata_for_nongeo_region(code)
            else:
                metadata = PhoneMetadata.metadata_for_region(region)
            general = metadata.general_desc
            lengths = ",".join(str(length) for length in general.possible_length if length > 0)
            fields = [region, str(code), "1" if position == 0 else "", lengths]
            fields.append(str(automaton.start(general.national_number_pattern)))
            international = metadata.international_prefix
            fields.append(str(automaton.start(international)) if international else "0")
            fields.append("1" if has_short_numbers(metadata) else "")
            fields.append(rules(region, metadata, automaton))
            yield "|".join(fields)


def main():
    sys.setrecursionlimit(10_000)
    automaton = Automaton()
    table = list(regions(automaton))
    states = list(automaton.lines())
    print("// Generated by Tools/generate-number-plan.py, where its form is told. Do not edit.")
    print(f"// From the number plans of libphonenumber (Apache-2.0), as in phonenumbers {phonenumbers.__version__}.")
    print()
    print("// swift-format-ignore-file")
    print("enum NumberPlanData {")
    print('    static let regions = """')
    print("\n".join("        " + line for line in table))
    print('        """')
    print()
    print(f"    static let stateCount = {len(automaton.states)}")
    print()
    print("    /// One state after another, each ended by `.`; line ends mean nothing.")
    print('    static let states = """')
    text = "".join(line + "." for line in states)
    print("\n".join("        " + text[at : at + 100] for at in range(0, len(text), 100)))
    print('        """')
    print("}")


if __name__ == "__main__":
    main()
