/** A small recogniser for the part of GBNF that our grammars use: an independent reading of them, for tests. */

type Node =
  | { kind: "text"; text: string }
  | { kind: "set"; matches(character: string): boolean }
  | { kind: "rule"; name: string }
  | { kind: "sequence"; parts: Node[] }
  | { kind: "choice"; options: Node[] }
  | { kind: "repeat"; part: Node; min: number; max: number };

/** Whether the grammar's root produces exactly this text. */
export function accepts(grammar: string, text: string): boolean {
  const rules = new Map(
    grammar.split("\n").map((line): [string, Node] => {
      const split = line.indexOf("::=");
      return [line.slice(0, split).trim(), new Parser(line.slice(split + 3)).parse()];
    }),
  );
  const characters = [...text];
  const ends = (node: Node, from: number): Set<number> => {
    switch (node.kind) {
      case "text": {
        const wanted = [...node.text];
        return wanted.every((character, i) => characters[from + i] === character)
          ? new Set([from + wanted.length])
          : new Set();
      }
      case "set":
        return from < characters.length && node.matches(characters[from]!) ? new Set([from + 1]) : new Set();
      case "rule": {
        const rule = rules.get(node.name);
        if (rule === undefined) throw new Error(`no rule ${node.name}`);
        return ends(rule, from);
      }
      case "choice":
        return new Set(node.options.flatMap((option) => [...ends(option, from)]));
      case "sequence":
        return node.parts.reduce((at, part) => endsOfAll(part, at), new Set([from]));
      case "repeat": {
        const reached = new Set(node.min === 0 ? [from] : []);
        let at = new Set([from]);
        for (let times = 1; times <= node.max && at.size > 0; times++) {
          at = new Set([...endsOfAll(node.part, at)].filter((i) => !reached.has(i)));
          if (times >= node.min) for (const i of at) reached.add(i);
        }
        return reached;
      }
    }
  };
  const endsOfAll = (node: Node, starts: Set<number>) =>
    new Set([...starts].flatMap((start) => [...ends(node, start)]));
  return ends({ kind: "rule", name: "root" }, 0).has(characters.length);
}

class Parser {
  #at = 0;

  constructor(private readonly source: string) {}

  parse(): Node {
    const node = this.#choice();
    if (this.#at < this.source.length) throw new Error(`unread: ${this.source.slice(this.#at)}`);
    return node;
  }

  #choice(): Node {
    const options = [this.#sequence()];
    while (this.#peek() === "|") {
      this.#at += 1;
      options.push(this.#sequence());
    }
    return options.length === 1 ? options[0]! : { kind: "choice", options };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek()) {
      parts.push(this.#repeated(this.#atom()));
    }
    return { kind: "sequence", parts };
  }

  #atom(): Node {
    if (this.#peek() === "(") {
      this.#at += 1;
      const node = this.#choice();
      if (this.#peek() !== ")") throw new Error("a bracket is open");
      this.#at += 1;
      return node;
    }
    const literal = this.#take(/"((?:[^"\\]|\\.)*)"/y);
    if (literal) return { kind: "text", text: literal[1]!.replace(/\\(.)/g, "$1") };
    const set = this.#take(/\[(\^?)((?:[^\]\\]|\\.)*)\]/y);
    if (set) {
      const test = new RegExp(`^[${set[1]}${set[2]!.replace(/\[/g, "\\[")}]$`, "u");
      return { kind: "set", matches: (character) => test.test(character) };
    }
    const name = this.#take(/[a-z][a-z0-9-]*/y);
    if (name) return { kind: "rule", name: name[0]! };
    throw new Error(`not GBNF: ${this.source.slice(this.#at, this.#at + 20)}`);
  }

  #repeated(part: Node): Node {
    const sign = this.#take(/[*?+]|\{(\d+)(,?)(\d*)\}/y);
    if (!sign) return part;
    const most = Number.POSITIVE_INFINITY;
    if (sign[0] === "*") return { kind: "repeat", part, min: 0, max: most };
    if (sign[0] === "+") return { kind: "repeat", part, min: 1, max: most };
    if (sign[0] === "?") return { kind: "repeat", part, min: 0, max: 1 };
    const min = Number(sign[1]);
    const open = sign[3] === "" ? most : Number(sign[3]);
    return { kind: "repeat", part, min, max: sign[2] === "" ? min : open };
  }

  #peek(): string | undefined {
    while (this.source[this.#at] === " ") this.#at += 1;
    return this.source[this.#at];
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.source);
    if (found) this.#at += found[0].length;
    return found;
  }
}
