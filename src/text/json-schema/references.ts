/** What `$ref` points to: a JSON pointer, an anchor, or an `$id` of the same schema. */
import { invalid, isObject, type Place, placeOf, type Schema } from "./schema.js";

export class References {
  readonly #root: Schema;
  #named: Map<string, Place> | undefined;

  constructor(root: Schema) {
    this.#root = root;
  }

  /** @throws SluiceError `invalid_request` */
  resolve(reference: unknown, path: string): Place {
    if (typeof reference !== "string") throw invalid(path, "must be a text");
    const nothing = invalid(path, `points to nothing: ${reference.slice(0, 100)}`);
    const hash = reference.indexOf("#");
    const base = hash < 0 ? reference : reference.slice(0, hash);
    const fragment = decoded(hash < 0 ? "" : reference.slice(hash + 1));
    if (fragment === undefined) throw nothing;
    const start = base === "" ? { schema: this.#root, path: "$" } : this.#byName().get(base);
    if (start === undefined) throw invalid(path, `must point into the same schema (#/…), not to ${base.slice(0, 100)}`);
    if (fragment === "") return start;
    const found = fragment.startsWith("/") ? this.#follow(start, fragment) : this.#byName().get(`#${fragment}`);
    if (found === undefined) throw nothing;
    return found;
  }

  #follow(start: Place, pointer: string): Place | undefined {
    let target: unknown = start.schema;
    let path = start.path;
    for (const part of pointer.slice(1).split("/")) {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const isThere = typeof target === "object" && target !== null && Object.hasOwn(target, key);
      if (!isThere || (Array.isArray(target) && key === "length")) return undefined;
      target = (target as Schema)[key];
      path += `.${key}`;
    }
    return placeOf(target, path);
  }

  /** `$id`s by their text, anchors by "#" and their name. */
  #byName(): Map<string, Place> {
    if (this.#named !== undefined) return this.#named;
    const named = new Map<string, Place>();
    const open: [value: unknown, path: string][] = [[this.#root, "$"]];
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      const [value, path] = item;
      if (typeof value !== "object" || value === null) continue;
      if (isObject(value)) {
        const id = value.$id ?? value.id;
        if (typeof id === "string" && !named.has(id)) named.set(id, { schema: value, path });
        if (typeof value.$anchor === "string") named.set(`#${value.$anchor}`, { schema: value, path });
      }
      for (const [key, child] of Object.entries(value)) {
        if (typeof child === "object" && key !== "enum" && key !== "const") open.push([child, `${path}.${key}`]);
      }
    }
    this.#named = named;
    return named;
  }
}

function decoded(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}
