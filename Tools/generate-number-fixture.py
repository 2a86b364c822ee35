#!/usr/bin/env python3
"""Writes Tests/CTICoreTests/Fixtures/numbers.tsv: notation, region, text, and the E.164 number that libphonenumber reads.

    pip install phonenumbers && Tools/generate-number-fixture.py > Tests/CTICoreTests/Fixtures/numbers.tsv

The numbers are the examples that the PyPI package `phonenumbers` has for every region and every kind of number, and
those of the services without a country. Each is written

    national        as at home
    international   with + and the calling code
    uri             as of RFC 3966
    abroad          as it is dialled in another country, with that one's international prefix

and for every region that has them some of its international prefixes, as `prefix`, stand before one and the same number.
What stands in the last column is libphonenumber's alone, whatever the daemon means by it.
"""

from re import _parser as sre

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat as Format
from phonenumbers import PhoneNumberType as Kind

KINDS = sorted(
    value for name, value in vars(Kind).items() if name.isupper() and name not in ("UNKNOWN", "FIXED_LINE_OR_MOBILE")
)
ELSEWHERE = {"ZA": "+27711234567", "": "+442079460018"}  # the first for all regions but South Africa's own
PREFIXES = 8  # of each region; some have thousands, by their carriers


def examples(region):
    """Different numbers of a region, one a kind."""
    found = (phonenumbers.example_number_for_type(region, kind) for kind in KINDS)
    return list({str(number): number for number in found if number}.values())


def readings(region, number):
    yield "national", region, phonenumbers.format_number(number, Format.NATIONAL)
    yield "international", region, phonenumbers.format_number(number, Format.INTERNATIONAL)
    yield "uri", region, phonenumbers.format_number(number, Format.RFC3966)
    caller = "US" if number.country_code != 1 else "DE"
    yield "abroad", caller, phonenumbers.format_out_of_country_calling_number(number, caller)


def strings(sequence):
    """All digit strings that a parsed pattern accepts."""
    if not sequence:
        return {""}
    (kind, value), tail = sequence[0], strings(sequence[1:])
    return {head + rest for head in heads(str(kind), value) for rest in tail}


def heads(kind, value):
    if kind == "LITERAL":
        return {chr(value)}
    if kind == "IN":
        return {digit for digit in "0123456789" if any(holds(str(name), part, digit) for name, part in value)}
    if kind == "BRANCH":
        return {text for branch in value[1] for text in strings(list(branch))}
    if kind == "SUBPATTERN":
        return strings(list(value[3]))
    least, most, body = value  # a repetition
    return {text for times in range(least, int(most) + 1) for text in strings(list(body) * times)}


def holds(name, part, digit):
    if name == "RANGE":
        return part[0] <= ord(digit) <= part[1]
    return name == "CATEGORY" or ord(digit) == part


def prefixes(region):
    pattern = PhoneMetadata.metadata_for_region(region).international_prefix
    every = sorted(strings(list(sre.parse(pattern)))) if pattern else []
    step = max(1, len(every) // PREFIXES)
    return every[::step][:PREFIXES]


def prefixed(region):
    elsewhere = ELSEWHERE[""] if region == "ZA" else ELSEWHERE["ZA"]
    for prefix in prefixes(region):
        yield "prefix", region, f"{prefix} {elsewhere[1:3]} {elsewhere[3:]}"


def expected(region, text):
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return "-"
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(number, Format.E164) if possible else "-"


def lines():
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for number in examples(region):
            yield from readings(region, number)
        yield from prefixed(region)
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        number = phonenumbers.example_number_for_non_geo_entity(code)
        if number:
            yield from (line for line in readings("ZA", number) if line[0] != "national")


def main():
    for notation, region, text in dict.fromkeys(lines()):
        print(notation, region, text, expected(region, text), sep="\t")


if __name__ == "__main__":
    main()
