#!/usr/bin/python3
"""Writes what ansible-core makes of each row of rows.json into answers.json; run it on Debian 12."""
import json
import os

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.conditional import Conditional
from ansible.release import __version__
from ansible.template import Templar

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "rows.json"), encoding="utf-8") as file:
    rows = json.load(file)
loader = DataLoader()


def plain(value):
    if isinstance(value, (list, tuple, range)) or type(value).__name__ in ("dict_keys", "generator"):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def answer(kind, text):
    kept = []
    variables = dict(rows["variables"], omit="__omit__", keep=lambda value: kept.append(value) or "")
    templar = Templar(loader=loader, variables=variables)
    if kind == "conditions":
        conditional = Conditional(loader=loader)
        conditional.when = [text]
        return bool(conditional.evaluate_conditional(templar, templar.available_variables))
    if kind == "templates":
        return templar.template(text, convert_data=False, escape_backslashes=False)
    templar.template("{{ keep(" + text + ") }}")
    templar.template("{{ " + text + " }}")
    return plain(kept[0])


def asked(kind, text):
    try:
        return {"is": answer(kind, text)}
    except Exception:
        return {"refused": True}


answers = {
    kind: [[text, asked(kind, text)] for text in rows[kind]]
    for kind in ("conditions", "values", "templates")
}
with open(os.path.join(here, "answers.json"), "w", encoding="utf-8") as file:
    json.dump({"ansible": __version__, **answers}, file, indent=1, ensure_ascii=False)
    file.write("\n")
