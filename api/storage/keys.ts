import type { NewId } from '../shared/ids';
import { objectPrefixes } from '../shared/object-prefixes';

const prefixes = Object.values(objectPrefixes);

/** The object of a round trip made by the doctor. */
export function checkKey(newId: NewId): string {
  return `${objectPrefixes.checks}${newId()}.txt`;
}

/** S3's own limit is 1024 bytes; the longest key of the studio has 160. */
const longestKey = 512;
/** A first letter or digit keeps `.` and `..` out; the rest are the characters of ids and file endings. */
const name = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
const objectKey = new RegExp(`^(?:${prefixes.join('|')})${name}(?:/${name}){0,5}$`);
const startOfKey = new RegExp(`^(?:${name}/){0,7}(?:${name})?$`);
/** Dots in a row are no ending. Windows drops a dot at the end of a name; the package's own files are its. */
const neverInside = /\.\.|\.(?:\/|$)|_s3rver/i;

/**
 * Whether this has the form of the keys that the studio makes (checkKey, and the functions of
 * library/media-keys.rules.ts): what the embedded store takes, and a path that is safe on a disk.
 */
export function isObjectKey(text: string): boolean {
  return text.length <= longestKey && objectKey.test(text) && !neverInside.test(text);
}

/** Whether an object is the studio's, whatever the rest of its key: the sweep leaves all others alone. */
export function isOurs(key: string): boolean {
  return prefixes.some((prefix) => key.startsWith(prefix));
}

/** Whether such keys may begin with this: what a listing may ask for. The empty text is one. */
export function isStartOfKey(text: string): boolean {
  return text.length <= longestKey && startOfKey.test(text) && !neverInside.test(`${text}-`);
}
