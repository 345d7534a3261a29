/**
 * A WebAssembly kernel that reads a row of logits once and writes the largest of every {@link BLOCK} of them, with SIMD.
 * It is small enough to be assembled here, so that the package needs no compiler and ships no binary.
 */

/** Logits per block: 16 vectors of 4. */
export const BLOCK = 64;

/**
 * `blockMax(row, end, maxima)`: byte addresses in the module's memory; `row` and `end` are multiples of 4 · BLOCK apart.
 */
export interface BlockMaxKernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  blockMax(row: number, end: number, maxima: number): void;
}

/** The part of the global `WebAssembly` used here; TypeScript's own declaration comes with the DOM's. */
interface WebAssemblyApi {
  validate(code: Uint8Array): boolean;
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: BlockMaxKernel };
}

const I32 = 0x7f;
const V128 = 0x7b;
const VOID_BLOCK = 0x40;
const ROW = 0;
const END = 1;
const MAXIMA = 2;
const VECTOR = 3;

const localGet = (index: number) => [0x20, index];
const localSet = (index: number) => [0x21, index];
const i32Const = (value: number) => [0x41, ...signedLeb(value)];
const addTo = (index: number, bytes: number) => [...localGet(index), ...i32Const(bytes), 0x6a, ...localSet(index)];
const simd = (opcode: number, ...immediates: number[]) => [0xfd, ...unsignedLeb(opcode), ...immediates];
const load = (offset: number) => [...localGet(ROW), ...simd(0x00, 4, ...unsignedLeb(offset))];
/** The larger, lane by lane; where the second is no number, the first. */
const pmax = simd(0xeb);
/** Four times −∞: f32.const, f32x4.splat. */
const nothing = [0x43, 0x00, 0x00, 0x80, 0xff, ...simd(0x13)];

/** Four lanes to one: swap halves, then neighbours, taking the larger each time; lane 0 ends up with the largest. */
function largestLane(): number[] {
  const swapped = (lanes: number[]) => {
    const bytes = lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte));
    return [...localGet(VECTOR), ...localGet(VECTOR), ...simd(0x0d, ...bytes)];
  };
  const step = (lanes: number[]) => [...localGet(VECTOR), ...swapped(lanes), ...pmax, ...localSet(VECTOR)];
  return [...step([2, 3, 0, 1]), ...step([1, 0, 3, 2])];
}

function body(): number[] {
  const vectors = BLOCK / 4;
  const code = [...nothing];
  for (let vector = 0; vector < vectors; vector++) code.push(...load(16 * vector), ...pmax);
  code.push(...localSet(VECTOR), ...largestLane());
  const storeLane0 = [...localGet(MAXIMA), ...localGet(VECTOR), ...simd(0x5a, 2, 0, 0)];
  const again = [...localGet(ROW), ...localGet(END), 0x49, 0x0d, 0]; // i32.lt_u, br_if 0
  return [
    ...[0x03, VOID_BLOCK], // loop
    ...code,
    ...storeLane0,
    ...addTo(ROW, 4 * BLOCK),
    ...addTo(MAXIMA, 4),
    ...again,
    ...[0x0b, 0x0b], // end loop, end function
  ];
}

/**
 * Assembles and instantiates the kernel with a memory of at least `bytes` bytes.
 * @returns null where the processor or Node.js has no WebAssembly SIMD
 */
export function createBlockMaxKernel(bytes: number): BlockMaxKernel | null {
  const wasm = Reflect.get(globalThis, "WebAssembly") as WebAssemblyApi | undefined;
  const code = new Uint8Array(moduleBytes(Math.ceil(bytes / 65_536)));
  if (wasm?.validate(code) !== true) return null;
  return new wasm.Instance(new wasm.Module(code)).exports;
}

function moduleBytes(pages: number): number[] {
  const locals = [1, 1, V128];
  const functionBody = [...locals, ...body()];
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]), // one type: (i32, i32, i32) → ()
    ...section(3, [1, 0]), // one function of that type
    ...section(5, [1, 0, ...unsignedLeb(pages)]), // one memory
    ...section(7, [2, ...name("memory"), 2, 0, ...name("blockMax"), 0, 0]), // exports
    ...section(10, [1, ...unsignedLeb(functionBody.length), ...functionBody]),
  ];
}

function section(id: number, content: number[]): number[] {
  return [id, ...unsignedLeb(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

function unsignedLeb(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsignedLeb(value >>> 7)];
}

function signedLeb(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return done ? [low] : [low | 0x80, ...signedLeb(rest)];
}
