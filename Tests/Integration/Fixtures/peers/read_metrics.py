"""Reads Prometheus's text format from standard input by prometheus-client's parser, finds fault, and tells it as JSON.

    {"families": {name: {"type": …, "help": …, "samples": [{"name": …, "labels": {…}, "value": …}]}}, "faults": […]}
"""
import json
import sys

from prometheus_client.parser import text_string_to_metric_families

families, faults, seen = {}, [], set()


def judge(family):
    if family.name in families:
        faults.append(f"{family.name}: its samples do not stand together")
    if not family.documentation:
        faults.append(f"{family.name}: no HELP")
    if family.type not in ("counter", "gauge", "histogram", "summary"):
        faults.append(f"{family.name}: TYPE {family.type}")
    for sample in family.samples:
        series = (sample.name, tuple(sorted(sample.labels.items())))
        if series in seen:
            faults.append(f"{series}: twice")
        seen.add(series)
        if family.type == "counter" and not sample.name.endswith("_total"):
            faults.append(f"{sample.name}: a counter without _total")
        if family.type != "gauge" and sample.value < 0:
            faults.append(f"{series}: below zero")
    if family.type == "histogram":
        judge_histogram(family)


def judge_histogram(family):
    series = {}
    for sample in family.samples:
        labels = {name: value for name, value in sample.labels.items() if name != "le"}
        parts = series.setdefault(tuple(sorted(labels.items())), {"buckets": []})
        if sample.name.endswith("_bucket"):
            parts["buckets"].append((float(sample.labels["le"]), sample.value))
        else:
            parts[sample.name.removeprefix(family.name)] = sample.value
    for labels, parts in series.items():
        bounds = [bound for bound, _ in parts["buckets"]]
        counts = [count for _, count in parts["buckets"]]
        if bounds != sorted(bounds) or counts != sorted(counts):
            faults.append(f"{family.name}{labels}: not cumulative")
        if not bounds or bounds[-1] != float("inf") or counts[-1] != parts.get("_count"):
            faults.append(f"{family.name}{labels}: +Inf is not the count")
        if "_sum" not in parts:
            faults.append(f"{family.name}{labels}: no sum")


for family in text_string_to_metric_families(sys.stdin.read()):
    judge(family)
    # A counter's name is told without its ending.
    name = family.name + ("_total" if family.type == "counter" else "")
    families[name] = {
        "type": family.type,
        "help": family.documentation,
        "samples": [
            {"name": s.name, "labels": s.labels, "value": str(s.value)} for s in family.samples
        ],
    }
print(json.dumps({"families": families, "faults": faults}))
