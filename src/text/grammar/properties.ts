/** What holds of a grammar's nodes, found in time linear in their number, however they refer to each other. */
import { CHOICE, EMPTY, LITERAL, NODE_WORDS, REPEAT, RULE, SEQUENCE, SET } from "./program.js";

export interface Graph {
  readonly nodes: readonly number[];
  readonly lists: readonly number[];
}

/** 1 for every node that matches the empty text. */
export function matchesEmpty(graph: Graph): Uint8Array {
  return leastFixpoint(graph, (op) => op === EMPTY);
}

/** 1 for every node that matches any finite text. */
export function matchesSomething(graph: Graph): Uint8Array {
  return leastFixpoint(graph, (op) => op === EMPTY || op === SET || op === LITERAL);
}

function childrenOf({ nodes, lists }: Graph, node: number): readonly number[] {
  const at = node * NODE_WORDS;
  const [op, a, b] = [nodes[at]!, nodes[at + 1]!, nodes[at + 2]!];
  if (op === SEQUENCE) return [a, b];
  if (op === CHOICE) return lists.slice(a, a + b);
  return op === REPEAT || op === RULE ? [a] : [];
}

/** Leaves hold by `leafHolds`; a sequence where both parts do, a choice where one does, a repetition also where it may be skipped. */
function leastFixpoint(graph: Graph, leafHolds: (op: number) => boolean): Uint8Array {
  const { nodes } = graph;
  const count = nodes.length / NODE_WORDS;
  const holds = new Uint8Array(count);
  const missing = new Int32Array(count).fill(1);
  const parents: number[][] = Array.from({ length: count }, () => []);
  const found: number[] = [];
  const add = (node: number) => {
    if (holds[node] === 1) return;
    holds[node] = 1;
    found.push(node);
  };
  for (let node = 0; node < count; node++) {
    const op = nodes[node * NODE_WORDS]!;
    if (op === SEQUENCE) missing[node] = 2;
    for (const child of childrenOf(graph, node)) parents[child]!.push(node);
    if (leafHolds(op) || (op === REPEAT && nodes[node * NODE_WORDS + 2] === 0)) add(node);
  }
  for (let node = found.pop(); node !== undefined; node = found.pop()) {
    for (const parent of parents[node]!) if (--missing[parent]! === 0) add(parent);
  }
  return holds;
}

/** Whether a rule can come back to itself without reading anything: no stack is deep enough for that. */
export function findLeftRecursion(graph: Graph, nullable: Uint8Array, root: number): boolean {
  const OPEN = 1;
  const DONE = 2;
  const mark = new Uint8Array(graph.nodes.length / NODE_WORDS);
  const stack = [root];
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    if (mark[node] !== 0) {
      mark[node] = DONE;
      stack.pop();
      continue;
    }
    mark[node] = OPEN;
    for (const child of leftmost(graph, nullable, node)) {
      if (mark[child] === OPEN) return true;
      if (mark[child] === 0) stack.push(child);
    }
  }
  return false;
}

function leftmost(graph: Graph, nullable: Uint8Array, node: number): readonly number[] {
  const children = childrenOf(graph, node);
  const isSequence = graph.nodes[node * NODE_WORDS] === SEQUENCE;
  return isSequence && nullable[children[0]!] === 0 ? children.slice(0, 1) : children;
}
