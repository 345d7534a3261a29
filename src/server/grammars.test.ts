import { afterEach, expect, it } from "vitest";
import { matches } from "../text/grammar/matches.fixture.js";
import { Grammars } from "./grammars.js";

const grammars = new Grammars();
afterEach(() => grammars.close());

const large = (count: number) => ({ enum: Array.from({ length: count }, (_, i) => `value ${i}`) });

it("compiles small schemas at once and large ones in another thread, and remembers both", async () => {
  for (const count of [10, 5000]) {
    const first = await grammars.ofSchema(large(count));
    expect([matches(first, '"value 7"'), matches(first, '"value"')]).toEqual([true, false]);
    expect(await grammars.ofSchema(large(count))).toBe(first);
  }
});

it("tells what another thread found wrong", async () => {
  const schema = { anyOf: [large(5000), { type: "strin" }] };
  await expect(grammars.ofSchema(schema)).rejects.toMatchObject({ code: "invalid_request", field: "response_format" });
});

it("stops compiling for a client that left, and goes on with the next", async () => {
  const left = new AbortController();
  const gone = grammars.ofSchema(large(20_000), left.signal);
  const next = grammars.ofSchema(large(3000));
  left.abort();
  await expect(gone).rejects.toMatchObject({ code: "cancelled" });
  expect(matches(await next, '"value 2999"')).toBe(true);
});
