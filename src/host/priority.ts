import { setPriority } from "node:os";

/** Lowest scheduling weight: the main thread then runs while the compute threads wait, and seldom instead of them. */
const NICE = 19;

/**
 * Lets the engine's threads go before the calling thread. For programs whose main thread does little beside serving an
 * engine host, on machines where the compute threads take every core: there a main thread that wakes up for every token
 * takes the core from under a step. Not for servers: their main thread has real work, and with this weight first tokens
 * came seconds late. Call it after the host was started, since threads inherit the weight of their maker.
 *
 * Works on Linux, where each thread has a weight of its own; elsewhere it does nothing.
 */
export function yieldToEngine(): void {
  if (process.platform === "linux") setPriority(process.pid, NICE);
}
