"""What Jinja2 makes of chat templates, set up as transformers does it: the expected texts of Sluice's own renderer.

    pip install jinja2==3.1.6
    python benchmarks/templates/render.py                   writes src/text/jinja/cases.expected.json from cases.json
    python benchmarks/templates/render.py FOLDER OUT.json   renders every .jinja of a folder with several conversations

The second form is for templates that are not ours to ship; `npx tsx benchmarks/templates/compare.ts OUT.json` compares.
"""

import datetime
import json
import pathlib
import sys

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROOT = pathlib.Path(__file__).parents[2]
NOW = datetime.datetime(2026, 3, 7, 9, 5, 2)
CONVERSATIONS = [
    [("user", "Hi there")],
    [("system", "Be brief."), ("user", "  What is 2 + 2?\n")],
    [("system", 'You are "kind" & <good>.'), ("user", "Hé, ça va ? 你好 🦙"), ("assistant", "<think>\n  hm\n</think>\n\n    code()\n"), ("user", "again")],
    [("user", "a"), ("assistant", "b")],
    [("user", "x</think>y"), ("assistant", "<think>a</think>\n\n  b  "), ("user", "\n\nq\n")],
    [("user", "a"), ("user", "b")],
    [("system", "s")] + [("user" if i % 2 == 0 else "assistant", f"line {i}\n  two é") for i in range(9)],
]


class Generation(jinja2.ext.Extension):
    """{% generation %}, which marks the assistant's turns for training and prints what is in it."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_print"), [], [], body).set_lineno(line)

    def _print(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def render(template, context):
    try:
        return {"text": environment().from_string(template).render(**context)}
    except Exception as error:  # whatever Python makes of it is the expected end
        return {"error": type(error).__name__}


def own_cases():
    cases = json.loads((ROOT / "src/text/jinja/cases.json").read_text())
    expected = [render(template, cases["context"]) for template in cases["templates"]]
    return ROOT / "src/text/jinja/cases.expected.json", expected


def folder_cases(folder, out):
    expected = []
    for path in sorted(pathlib.Path(folder).glob("**/*.jinja")):
        template = path.read_text(encoding="utf-8")
        for turns in CONVERSATIONS:
            messages = [{"role": role, "content": content} for role, content in turns]
            for generation in (True, False):
                context = {
                    "messages": messages,
                    "tools": None,
                    "documents": None,
                    "add_generation_prompt": generation,
                    "bos_token": "<s>",
                    "eos_token": "</s>",
                }
                name = f"{path.name}, {len(messages)} messages, {generation}"
                expected.append({"name": name, "template": template, "context": context, **render(template, context)})
    return pathlib.Path(out), expected


path, expected = folder_cases(*sys.argv[1:]) if len(sys.argv) == 3 else own_cases()
path.write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")
print(f"{len(expected)} texts, {sum('error' in each for each in expected)} of them errors, in {path}")
