import { createHash } from 'node:crypto';

/** Answers that are data: nothing in them is ever run, shown or framed. */
export const dataPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The scripts that stand in a page itself, as hashes that a policy can name. */
export function inlineScriptHashes(html: string): string[] {
  const scripts = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi)];
  return scripts.map(
    ([, text]) =>
      `'sha256-${createHash('sha256')
        .update(text ?? '')
        .digest('base64')}'`,
  );
}

/**
 * The studio page's policy: its own files, its own inline scripts by hash, and media from the store.
 * Styles in attributes are allowed: components place their menus and sliders with them.
 */
export function pagePolicy(page: { scriptHashes: readonly string[]; mediaOrigins: readonly string[] }) {
  const media = ["'self'", 'blob:', ...page.mediaOrigins].join(' ');
  return [
    "default-src 'none'",
    ["script-src 'self'", ...page.scriptHashes].join(' '),
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    `img-src ${media} data:`,
    `media-src ${media}`,
    `connect-src ${["'self'", ...page.mediaOrigins].join(' ')}`,
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Swagger UI writes styles of its own and has pictures in its style sheet. */
export const documentationPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
