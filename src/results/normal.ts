/** The standard normal distribution, by way of Student's with very many degrees of freedom. */
import { studentQuantile, studentUpperTail } from "./student.js";

/** Beyond this a difference to the normal distribution cannot be seen. */
const MANY = 1e6;

/** The probability of a value above `z`. */
export function normalUpperTail(z: number): number {
  return z >= 0 ? studentUpperTail(z, MANY) : 1 - studentUpperTail(-z, MANY);
}

/** The value that a normal variable stays below with probability `p` in (0, 1). */
export function normalQuantile(p: number): number {
  return studentQuantile(p, MANY);
}
