/**
 * Texts from outside: requests, file names, providers' answers, media files. PostgreSQL stores neither the
 * character NUL nor, within JSON, half of a surrogate pair.
 */

/** Whether a text can be stored as it is. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** The text without NUL, and with U+FFFD in place of each half of a surrogate pair. */
export const storableText = (text: string): string =>
  isStorable(text) ? text : text.replaceAll('\0', '').toWellFormed();

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** A JSON value with each of its texts made storable, the names of its fields too. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [storableText(name), storable(inner)]),
  );
}

/** The first `characters` code points of a text, made storable; no character is cut in half. */
export function cutText(text: string, characters: number): string {
  const whole = storableText(text);
  // A code point is one or two units, so this is short enough.
  if (whole.length <= characters) return whole;
  let end = 0;
  let count = 0;
  for (const character of whole) {
    if (count === characters) break;
    end += character.length;
    count += 1;
  }
  return whole.slice(0, end);
}
