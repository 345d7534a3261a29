import type { TokenTable } from "./token-table.js";

/**
 * The tokens of a vocabulary as a tree by their bytes, in the order of a walk from the root: a node's children follow it,
 * and `skip` leads past them. Tokens without bytes are not in it.
 */
export interface TokenTrie {
  readonly byte: Uint8Array;
  /** Bytes above the node: 0 for the first of a token. */
  readonly depth: Uint16Array;
  readonly skip: Int32Array;
  /** The tokens that end at node n: `tokens[ends[n]]` up to `tokens[ends[n + 1]]`. */
  readonly ends: Int32Array;
  readonly tokens: Int32Array;
  readonly maxDepth: number;
}

/** @param without tokens that are left out */
export function buildTokenTrie(table: TokenTable, without: readonly number[] = []): TokenTrie {
  const sorted = sortedTokens(table, new Set(without));
  let bytes = 0;
  for (const token of sorted) bytes += table.bytesOf(token).length;
  const [byte, depth, ends] = [new Uint8Array(bytes), new Uint16Array(bytes), new Int32Array(bytes + 1)];
  let nodes = 0;
  let maxDepth = 0;
  let before: Uint8Array = new Uint8Array(0);
  for (const [place, token] of sorted.entries()) {
    const text = table.bytesOf(token);
    let shared = 0;
    while (shared < before.length && shared < text.length && before[shared] === text[shared]) shared++;
    for (let at = shared; at < text.length; at++) {
      byte[nodes] = text[at]!;
      depth[nodes] = at;
      ends[nodes] = place;
      nodes++;
    }
    ends[nodes] = place + 1;
    maxDepth = Math.max(maxDepth, text.length);
    before = text;
  }
  return {
    byte: byte.slice(0, nodes),
    depth: depth.slice(0, nodes),
    skip: skips(depth, nodes),
    ends: ends.slice(0, nodes + 1),
    tokens: Int32Array.from(sorted),
    maxDepth,
  };
}

/** By bytes. Numbers made of the first bytes decide most comparisons. */
function sortedTokens(table: TokenTable, without: ReadonlySet<number>): number[] {
  const tokens: number[] = [];
  const heads = new Float64Array(table.size);
  for (let token = 0; token < table.size; token++) {
    const bytes = table.bytesOf(token);
    if (bytes.length === 0 || without.has(token)) continue;
    let head = 0;
    for (let at = 0; at < 6; at++) head = head * 256 + (bytes[at] ?? 0);
    heads[token] = head;
    tokens.push(token);
  }
  return tokens.sort((a, b) => heads[a]! - heads[b]! || Buffer.compare(table.bytesOf(a), table.bytesOf(b)) || a - b);
}

function skips(depth: Uint16Array, nodes: number): Int32Array {
  const skip = new Int32Array(nodes);
  const open: number[] = [];
  for (let node = 0; node < nodes; node++) {
    while (open.length > depth[node]!) skip[open.pop()!] = node;
    open.push(node);
  }
  for (const node of open) skip[node] = nodes;
  return skip;
}
