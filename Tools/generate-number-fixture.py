#!/usr/bin/env python3
"""Writes Tests/CTICoreTests/Fixtures/numbers.tsv: region, text, and the E.164 number that it is; `-` for none.

    pip install phonenumbers && Tools/generate-number-fixture.py > Tests/CTICoreTests/Fixtures/numbers.tsv

The examples are those that the PyPI package `phonenumbers` gives for every region and kind of number, written the
national way, the international way, and as they are dialled from a neighbour. A national number of five digits or
fewer is an extension to the daemon, and so none of the world's.
"""

import phonenumbers
from phonenumbers import PhoneNumberFormat as Format
from phonenumbers import PhoneNumberType as Kind

KINDS = (Kind.FIXED_LINE, Kind.MOBILE, Kind.TOLL_FREE, Kind.SHARED_COST, Kind.VOIP)


def examples(region):
    """Different numbers of a region, one a kind."""
    found = (phonenumbers.example_number_for_type(region, kind) for kind in KINDS)
    return list({str(number): number for number in found if number}.values())


def readings(region, number):
    yield region, phonenumbers.format_number(number, Format.NATIONAL)
    yield region, phonenumbers.format_number(number, Format.INTERNATIONAL)
    yield region, phonenumbers.format_number(number, Format.RFC3966)
    caller = "US" if number.country_code != 1 else "DE"
    yield caller, phonenumbers.format_out_of_country_calling_number(number, caller)


def expected(region, text):
    if not text.startswith(("+", "tel:")) and sum(sign.isdigit() for sign in text) <= 5:
        return "-"
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return "-"
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(number, Format.E164) if possible else "-"


def main():
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for number in examples(region)[:3]:
            for home, text in dict.fromkeys(readings(region, number)):
                print(home, text, expected(home, text), sep="\t")


if __name__ == "__main__":
    main()
