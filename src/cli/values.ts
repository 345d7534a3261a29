/** Parsers of flag values. Each names the flag, its range and what came. */
import { SluiceError } from "../errors.js";
import { rangeText } from "../options.js";

/** What commander calls a parser: the word, and what earlier words of a variadic flag made. */
type Parser<T> = (word: string, previous?: unknown) => T;

/** A whole number from `min` on. */
export function wholeNumber(flag: string, min: number, max = Number.MAX_SAFE_INTEGER): Parser<number> {
  return (word) => {
    const value = Number(word);
    if (word.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw outOfRange(flag, `a whole number ${rangeText(min, max)}`, word);
  };
}

/** A number from `min` on. */
export function number(flag: string, min: number, max = Number.MAX_VALUE): Parser<number> {
  return (word) => {
    const value = Number(word);
    if (word.trim() !== "" && value >= min && value <= max) return value;
    throw outOfRange(flag, `a number ${rangeText(min, max)}`, word);
  };
}

/** Several values, separated by spaces or commas. */
export function listOf<T>(parse: Parser<T>): Parser<T[]> {
  return (word, previous) => {
    const earlier = Array.isArray(previous) ? (previous as T[]) : [];
    return [
      ...earlier,
      ...word
        .split(",")
        .filter((part) => part !== "")
        .map((part) => parse(part)),
    ];
  };
}

/** One of a few words. */
export function oneOf<T extends string>(flag: string, words: readonly T[]): Parser<T> {
  return (word) => {
    const found = words.find((candidate) => candidate === word);
    if (found !== undefined) return found;
    throw outOfRange(flag, `one of ${words.join(", ")}`, word);
  };
}

function outOfRange(flag: string, expected: string, word: string): SluiceError {
  return new SluiceError("usage", `${flag} must be ${expected}, got "${word}"`, { field: flag });
}
