import type { MiddlewareHandler } from 'hono';
import { AppError } from '../shared/errors';
import { cutText, isStorable } from '../shared/text';
import { takesMedia } from './http.security';

const bodyless = new Set(['GET', 'HEAD']);

const badBody = () =>
  new AppError({
    code: 'BadJson',
    message: 'The body is not a JSON object. Send for example {"title": "My song"}, or no body at all.',
  });

/** As much of a field's path as anyone reads. */
const LONGEST_FIELD = 200;

/** The error for text that can't be kept; it is refused, so that nothing is stored other than it was sent. */
function badText(path: string, text: string): AppError {
  const field = cutText(path, LONGEST_FIELD);
  const where = field === '' ? 'A text' : field;
  const message = text.includes('\0')
    ? `${where} holds the character NUL (\\u0000), which can’t be kept. Take it out.`
    : `${where} holds half of a character (a surrogate without its other half). Send the whole character.`;
  return new AppError({ code: 'BadText', message, details: [{ field, message }] });
}

/** The first text in a JSON value that can't be stored, and where it stands. Depth costs no stack. */
function findUnstorable(body: object): { field: string; text: string } | null {
  const open: { field: string; value: unknown }[] = [{ field: '', value: body }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { field, value } = next;
    if (typeof value === 'string' && !isStorable(value)) return { field, text: value };
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      if (!isStorable(name)) return { field, text: name };
      open.push({ field: field === '' ? name : `${field}.${name}`, value: inner });
    }
  }
  return null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: a route that takes some says so itself, and names how it must be.
    return {};
  }
}

/** @throws AppError 400 `BadJson`, `BadText` */
function checkBody(text: string): void {
  if (text.trim() === '') return;
  const body = parsed(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badBody();
  const found = findUnstorable(body);
  if (found !== null) throw badText(found.field, found.text);
}

/**
 * The one place where what a request says is looked at before any route sees it: a JSON body is an object
 * (valibot takes `[]` for one), and address and body hold only text that can be stored. File names and what
 * else comes with media are made storable where they are read.
 */
export function checkInput(): MiddlewareHandler {
  return async (c, next) => {
    // Percent-encoded bytes are decoded as UTF-8, which has no halves of characters.
    if (c.req.url.includes('%00')) throw badText('The address', '\0');
    if (!takesMedia(c.req.path) && !bodyless.has(c.req.method)) checkBody(await c.req.text());
    await next();
  };
}
