import type { ContextParams, ModelParams, NativeBatch, Pointer, ThreadPoolParams } from "./structs.js";

export type Nullable = Pointer | null;

/** The calls, under their names in llama.h without the prefix. Each is a plain blocking C call. */
type Tokenize = (
  vocab: Pointer,
  text: Uint8Array,
  textBytes: number,
  tokens: Int32Array,
  maxTokens: number,
  addSpecial: boolean,
  parseSpecial: boolean,
) => number;

export interface LlamaApi {
  version(): string;
  modelDefaultParams(): ModelParams;
  contextDefaultParams(): ContextParams;

  modelLoadFromFile(path: string, params: ModelParams): Nullable;
  modelFree(model: Pointer): void;
  modelGetVocab(model: Pointer): Pointer;
  modelContextTrain(model: Pointer): number;
  modelLayers(model: Pointer): number;
  modelEmbedding(model: Pointer): number;
  modelHeads(model: Pointer): number;
  modelHeadsKv(model: Pointer): number;
  modelSlidingWindow(model: Pointer): number;
  modelHasEncoder(model: Pointer): boolean;
  modelIsRecurrent(model: Pointer): boolean;
  modelIsHybrid(model: Pointer): boolean;
  modelChatTemplate(model: Pointer, name: string | null): string | null;

  initFromModel(model: Pointer, params: ContextParams): Nullable;
  free(context: Pointer): void;
  getMemory(context: Pointer): Pointer;
  memorySeqRemove(memory: Pointer, sequence: number, from: number, to: number): boolean;
  memorySeqCopy(memory: Pointer, source: number, target: number, from: number, to: number): void;
  memorySeqPosMax(memory: Pointer, sequence: number): number;
  stateSeqGetData(context: Pointer, data: Pointer, bytes: number, sequence: number): number | bigint;
  stateSeqSetData(context: Pointer, data: Pointer, bytes: number, sequence: number): number | bigint;
  decode(context: Pointer, batch: NativeBatch): number;
  getLogits(context: Pointer): Nullable;
  attachThreadPool(context: Pointer, pool: Pointer, poolForBatches: Pointer | null): void;
  detachThreadPool(context: Pointer): void;

  vocabSize(vocab: Pointer): number;
  vocabBegin(vocab: Pointer): number;
  /** -1: there is none. */
  vocabEnd(vocab: Pointer): number;
  vocabAddsBegin(vocab: Pointer): boolean;
  vocabAddsEnd(vocab: Pointer): boolean;
  vocabText(vocab: Pointer, token: number): string;
  vocabAttributes(vocab: Pointer, token: number): number;
  vocabIsEndOfGeneration(vocab: Pointer, token: number): boolean;
  tokenize: Tokenize & {
    /** In a thread of the pool. The arrays must stay reachable until it has ended. */
    async(...words: [...Parameters<Tokenize>, (error: Error | null, count: number) => void]): void;
  };
  tokenToPiece(
    vocab: Pointer,
    token: number,
    piece: Uint8Array,
    bytes: number,
    strip: number,
    special: boolean,
  ): number;

  deviceCount(): number | bigint;
  deviceGet(index: number): Pointer;
  deviceType(device: Pointer): number;
  deviceDescription(device: Pointer): string;
  deviceMemory(device: Pointer, freeBytes: BigUint64Array, totalBytes: BigUint64Array): void;

  /** Undefined where the processor's backend exports no thread pool. */
  readonly threadPool: ThreadPoolApi | undefined;
  /** Directs llama.cpp's log to a native function; `null` is its default, standard error. */
  logSet(callback: Nullable, userData: null): void;
  /** A native function that does nothing, whatever it is called with. */
  readonly silentLog: Pointer;
}

export interface ThreadPoolApi {
  defaultParams(threads: number): ThreadPoolParams;
  create(params: ThreadPoolParams): Nullable;
  free(pool: Pointer): void;
}
