# SPDX-License-Identifier: GPL-2.0-only
"""Reads rule vectors, see tests/vectors/README."""

import os
import re

DEFAULT_CHAIN = """table ip filter
chain ip filter forward { type filter hook forward priority filter; policy accept; }
"""
COMMANDS = ("table", "chain", "counter", "dict", "flowtable", "flush",
            "delete")


class Rule:
    def __init__(self, where, text, line):
        self.where, self.text, self.line = where, text, line
        self.sets, self.exprs = [], []
        self.check_text = True

    def bytecode(self):
        comment = "# %s\n" % self.text
        return (comment + "".join(s + "\n" for s in self.sets) + self.where +
                "\n" + "".join("  %s\n" % e for e in self.exprs) + "\n")


class Vector:
    def __init__(self, title, path, line):
        self.title, self.path, self.line = title, path, line
        self.setup, self.rules, self.steps, self.named = [], [], [], []
        self.definitions = []

    def ruleset(self):
        setup = "".join(s + "\n" for s in self.setup) or DEFAULT_CHAIN
        sets = "".join(s + "\n" for s in self.named)
        return setup + sets + "\n" + "".join(r.bytecode() for r in self.rules)


def read_vectors(path):
    vectors, vector, rule = [], None, None
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            word = line.split()[0] if line.split() else ""
            if not word or word.startswith("#"):
                continue
            place = "%s:%d" % (os.path.basename(path), number)
            if word == "vector":
                vector = Vector(line[len("vector"):].strip(), path, number)
                vectors.append(vector)
                rule = None
            elif not vector:
                raise SystemExit("%s: no vector yet" % place)
            elif word in COMMANDS and not vector.rules:
                vector.setup.append(line)
            elif word == "rule" or word == "rule-only":
                where, _, text = line[len(word):].strip().partition(": ")
                if len(where.split()) != 3 or not text:
                    raise SystemExit("%s: rule FAMILY TABLE CHAIN: TEXT" % place)
                rule = Rule(where, text, number)
                rule.check_text = word == "rule"
                vector.rules.append(rule)
            elif line.lstrip().startswith("["):
                rule.exprs.append(line.strip())
            elif re.match(r"__(set|map)%d |element ", line.lstrip()):
                (rule.sets if rule else vector.named).append(line.strip())
            elif word == "define":
                vector.definitions.append("add " + line.split(None, 1)[1])
            elif word == "set":
                vector.named.append(line.split(None, 1)[1])
            else:
                vector.steps.append((place, line.strip()))
    return vectors
