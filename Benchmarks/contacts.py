"""Makes the table of the contact directory: medians of the rounds, with their spread. Reads lines of JSON."""

import json
import statistics
import sys

# member, what, at most, aim
ROWS = [
    ("seconds", "import, s", 2, 0.5),
    ("megabytes", "memory at its peak, MB", 120, 40),
    ("lookupNanoseconds", "look-up, median, ns", 2000, 50),
]


def main():
    found = {}
    for line in sys.stdin:
        result = json.loads(line)["result"]
        found.setdefault((result["format"], result["contacts"]), []).append(result)
    print(f"{'contacts':36} {'median':>9}  {'spread':17} {'at most':>8} {'aim':>6}  met")
    for (kind, count), results in found.items():
        for member, what, most, aim in ROWS:
            values = [result[member] for result in results]
            median = statistics.median(values)
            spread = f"{min(values):.2f}–{max(values):.2f}"
            met = "aim" if median <= aim else "yes" if median <= most else "NO"
            print(f"{f'{count} as {kind}: {what}':36} {median:9.2f}  {spread:17} {most:8} {aim:6}  {met}")
    print()


if __name__ == "__main__":
    main()
